import { afterEach, describe, expect, it, vi } from 'vitest';
import { BlueGreen, MemoryStore, type BlueGreenOptions, type Logger } from '../src/index.js';
import { SimulatedCloud } from '../src/testing/index.js';

type Line = readonly [level: string, ...args: readonly unknown[]];
type Facts = Readonly<Record<string, unknown>>;

afterEach(() => {
  vi.restoreAllMocks();
});

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** A logger with children that keeps what it is told, and by which of them. */
function noting(extra: object = {}): { lines: Line[]; children: Facts[]; logger: Logger } {
  const lines: Line[] = [];
  const children: Facts[] = [];
  const make = (bound: Facts): Logger => ({
    ...extra,
    ...(Object.fromEntries(
      LEVELS.map((level) => [level, (...args: unknown[]) => void lines.push([level, bound, ...args])]),
    ) as unknown as Logger),
    child: (facts) => {
      children.push(facts);
      return make({ ...bound, ...facts });
    },
  });
  return { lines, children, logger: make({}) };
}

/** A release that is refused: it warns, and ends in a moment. */
async function refusedRelease(options: Partial<BlueGreenOptions>, message?: string): Promise<void> {
  await using cloud = new SimulatedCloud({
    deploymentGroup: { deploymentType: 'IN_PLACE' },
    faults:
      message === undefined
        ? []
        : [
            {
              fault: 'refused',
              on: { service: 'spot', operation: 'readElastigroup' },
              code: 'X',
              message,
              status: 400,
            },
          ],
  });
  const blueGreen = new BlueGreen({ ...cloud.options(), store: new MemoryStore(), logger: undefined, ...options });
  const rollout = await blueGreen.start(cloud.spec(), { id: 'bg-1' });
  expect((await rollout.result()).outcome).toBe('refused');
  await blueGreen.close();
}

describe('the logger', () => {
  it('is the console by default: warnings and errors, one line each, with the rollout', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const others = [vi.spyOn(console, 'log'), vi.spyOn(console, 'info'), vi.spyOn(console, 'debug')];
    await refusedRelease({});
    const lines = [...warn.mock.calls, ...error.mock.calls].map((args) => args.join(' '));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^elastigroup-bluegreen bg-1: [^\n]+$/);
    for (const other of others) expect(other).not.toHaveBeenCalled();
  });

  it.each<[string, Partial<BlueGreenOptions>]>([
    ['logger is false', { logger: false }],
    ['there is an onEvent', { onEvent: () => {} }],
  ])('is nobody where %s', async (_title, options) => {
    const spies = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
    await refusedRelease(options);
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });

  it('may be the console itself, at every level, with the facts', async () => {
    const spies = LEVELS.map((level) => vi.spyOn(console, level).mockImplementation(() => {}));
    await refusedRelease({ logger: console });
    const calls = spies.flatMap((spy) => spy.mock.calls as unknown[][]);
    expect(calls).toContainEqual([
      expect.any(String),
      expect.objectContaining({ event: 'rollout:start:recorded', rolloutId: 'bg-1' }),
    ]);
  });

  it('with children is asked for one for each rollout, which says the id from then on', async () => {
    const { logger, lines, children } = noting();
    await refusedRelease({ logger });
    expect(children).toEqual([{ rolloutId: 'bg-1' }]);
    expect(lines.length).toBeGreaterThan(3);
    for (const [, bound, message, facts] of lines) {
      expect([bound, typeof message]).toEqual([{ rolloutId: 'bg-1' }, 'string']);
      expect(facts).toHaveProperty('event');
      expect(facts).not.toHaveProperty('rolloutId');
    }
  });

  it.each([{ bindings: () => ({}) }, { addStream: () => {} }])(
    'that takes the facts first gets them first: one with %o',
    async (mark) => {
      const { logger, lines } = noting(mark);
      await refusedRelease({ logger });
      for (const [, , facts, message] of lines) {
        expect(facts).toHaveProperty('event');
        expect(typeof message).toBe('string');
      }
    },
  );

  it('gets no escape sequence and no second line of a cloud’s words', async () => {
    const { logger, lines } = noting();
    await refusedRelease({ logger }, 'red \u001B[31malert\u001B[0m\r\nINFO all is well \u202Egnol');
    const texts = lines.map(([, , message]) => String(message));
    expect(texts.some((text) => text.includes('red alert'))).toBe(true);
    // eslint-disable-next-line no-control-regex -- what must not be there
    for (const text of texts) expect(text).not.toMatch(/[\u0000-\u001F\u202A-\u202E\u2066-\u2069]/);
  });

  it('that throws, or whose children cannot be made, changes nothing', async () => {
    const throwing = (): never => {
      throw new Error('the disk is full');
    };
    const logger = { debug: throwing, info: throwing, warn: throwing, error: throwing };
    await refusedRelease({ logger });
    await refusedRelease({ logger: { ...noting().logger, child: throwing } });
  });

  it('is told the service’s code and its request id of every call that failed', async () => {
    const { logger, lines } = noting();
    await refusedRelease({ logger }, 'no');
    const failed = lines.map(([, , , facts]) => facts as Facts).find(({ event }) => event === 'cloud:call:failed');
    expect(failed).toMatchObject({ service: 'spot', code: 'X', requestId: expect.stringMatching(/./) as string });
  });
});
