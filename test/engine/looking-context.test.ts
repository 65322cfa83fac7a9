import { describe, expect, it } from 'vitest';
import type { Operation } from '../../src/engine/effect.js';
import { lookingContext } from '../../src/engine/looking-context.js';
import { EMPTY_ROLLOUT } from '../../src/engine/rollout-state.js';
import { rejection } from '../helpers/release.js';

const look = () =>
  lookingContext({
    state: { ...EMPTY_ROLLOUT, rolloutId: 'bg-1' },
    now: () => 42,
    signal: new AbortController().signal,
  });

describe('whoever only looks', () => {
  it('cannot change anything: the call is refused before it is sent', async () => {
    let sent = 0;
    const operation: Operation<null> = {
      key: 'k',
      call: 'spot detachInstances',
      token: 't',
      settleMs: 0,
      find: async () => 'absent',
      send: async () => {
        sent += 1;
        return null;
      },
    };
    const error = await rejection(look().effect(operation));
    expect([error.code, sent]).toEqual(['INTERNAL', 0]);
    expect(error.message).toContain('spot detachInstances');
  });

  it('finds again what it was told to remember, and nothing else', () => {
    const context = look();
    expect(context.output('preflight')).toBeUndefined();
    context.remember('preflight', { region: 'eu-west-1' });
    expect(context.output('preflight')).toEqual({ region: 'eu-west-1' });
    expect(context.output('preflight', 'undo')).toBeUndefined();
    expect(context.state.steps.get('preflight')).toMatchObject({ status: 'done', startedAt: 42 });
    // What was handed in stays as it was.
    expect(EMPTY_ROLLOUT.steps.size).toBe(0);
  });

  it('keeps its warnings to itself', async () => {
    const context = look();
    await context.warn('NO_READY_WAIT', 'traffic may move early');
    expect(context.warnings).toEqual([{ code: 'NO_READY_WAIT', message: 'traffic may move early' }]);
    expect(context.state.warnings).toEqual([]);
  });
});
