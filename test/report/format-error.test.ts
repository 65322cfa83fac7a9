import { describe, expect, it } from 'vitest';
import { BlueGreenError, CloudError } from '../../src/index.js';
import { formatError } from '../../src/report/format-error.js';
import { takenBack } from './rollouts.js';

const plain = (error: unknown): string => formatError(error, { colour: false });
const ESCAPE = String.fromCharCode(27);
const BELL = String.fromCharCode(7);

const denied = new CloudError({
  service: 'codedeploy',
  operation: 'createDeployment',
  kind: 'denied',
  code: 'AccessDenied',
  status: 400,
  requestId: 'req-1234',
  message: 'not allowed',
  acted: 'no',
});

describe('formatError', () => {
  it('tells a failed release: instance, event, script, exit, log, receipt, who must act, what to do, where to read', async () => {
    const { result } = await takenBack();
    const error = new BlueGreenError('RELEASE_FAILED', result.error!.message, { ...result.error!, result });
    const text = plain(error);
    expect(text).toMatch(/^RELEASE_FAILED The new version could not be installed/);
    expect(text).toMatch(/who must act +whoever made this version/);
    expect(text).toMatch(/instance +i-\w+ \(green\)/);
    expect(text).toMatch(/event +AfterInstall/);
    expect(text).toMatch(/script +scripts\/after_install\.sh/);
    expect(text).toMatch(/exit +ScriptFailed: scripts\/after_install\.sh failed with exit code 1/);
    expect(text.match(/Cannot find module express/g)).toHaveLength(1);
    expect(text).toMatch(/outcome +rolled back: everything is as it was before/);
    expect(text).toMatch(/✓ never changed: blue instance ×3/);
    expect(text).toMatch(/what to do +Mend the script/);
    expect(text).toContain('docs/errors.md#release_failed');
  });

  it('says what differs, what was expected, and how to mend it', () => {
    const lines = [
      { what: 'target', subject: 'sig-1', verdict: 'differs', expected: 3, found: 6, fix: 'Set it to 3.' },
      { what: 'minimum', subject: 'sig-1', verdict: 'not-checked', because: 'Spot did not answer' },
    ];
    const text = plain(
      new BlueGreenError('RESTORE_FAILED', 'no', { result: { outcome: 'failed', receipt: { lines } } }),
    );
    expect(text).toContain('✗ target of sig-1: expected 3, found 6');
    expect(text).toMatch(/fix Set it to 3\./);
    expect(text).toContain('? minimum of sig-1: not checked: Spot did not answer');
  });

  it('does not call a rollout that another process drives one that nobody drives', () => {
    const result = { outcome: 'suspended', receipt: { lines: [] } };
    for (const code of ['ALREADY_DRIVEN', 'LEASE_LOST'] as const)
      expect(plain(new BlueGreenError(code, 'no', { result }))).toMatch(/outcome +suspended here: .* watch it\n/);
    expect(plain(new BlueGreenError('SUSPENDED', 'no', { result }))).toContain(
      'nobody drives the rollout now; resume it',
    );
  });

  it('shows the request id of the call that failed, also from the cause of the cause', () => {
    expect(plain(denied)).toMatch(/request id +req-1234/);
    expect(plain(denied)).toMatch(/call +codedeploy createDeployment/);
    const wrapped = new BlueGreenError('STORE_FAILED', 'disk', { cause: new Error('outer', { cause: denied }) });
    expect(plain(wrapped)).toMatch(/request id +req-1234/);
    expect(plain(wrapped)).toMatch(/because +Error: outer\n +because +CLOUD_DENIED/);
  });

  it('lists every finding of a refusal with what to do', () => {
    const findings = [{ check: 'colours', found: 'two', fix: 'Make it one.' }];
    const text = plain(
      new BlueGreenError('PREFLIGHT_REFUSED', 'colours: two. Make it one.', { details: { findings } }),
    );
    expect(text).toMatch(/colours\n +found +two\n +what to do +Make it one\./);
    expect(text).not.toContain('colours: two');
  });

  it.each([
    [
      'ALARM_FIRED',
      { alarm: 'shop-5xx', kind: 'metric', reason: 'too many' },
      /alarm +shop-5xx/,
      'Look at what the alarm',
    ],
    [
      'HOLD_BYPASSED',
      { codeDeployDeploymentId: 'd-1', status: 'InProgress', stage: 'BAKE_TIME' },
      /\n +status +InProgress\n/,
      'Find out who',
    ],
    [
      'BAKE_EXPIRED',
      { elapsedMs: 600_000, bakeMs: 1_800_000 },
      /elapsed +10 min\n +bake +30 min/,
      'a longer termination wait',
    ],
    [
      'EVIDENCE_STALE',
      { gate: 'qa', given: 'aaa', current: 'bbb' },
      /gate +qa\n +given +aaa\n +current +bbb/,
      'approve with its hash',
    ],
  ] as const)('%s says what was found, what to do, and where to read', (code, details, found, hint) => {
    const text = plain(new BlueGreenError(code, 'so it was', { details }));
    expect(text).toMatch(found);
    expect(text).not.toContain('HTTP status');
    expect(text).toMatch(new RegExp(`what to do +.*${hint}`));
    expect(text).toContain(`docs/errors.md#${code.toLowerCase()}`);
  });

  it('says the same of an error and of its JSON', () => {
    expect(plain(denied.toJSON())).toBe(plain(denied));
  });

  it('lets no escape sequence, control character or turned text through', () => {
    const hostile = `${ESCAPE}[2J${ESCAPE}]0;owned${BELL}red\r\nfine${ESCAPE}${ESCAPE}[31m[31m\u009b31m\u202eback\u0000`;
    const facts = { details: { logTail: hostile, instanceId: hostile, message: hostile }, cause: new Error(hostile) };
    const text = plain(new BlueGreenError('RELEASE_FAILED', hostile, { ...facts, hint: hostile }));
    expect(text.replaceAll('\n', '')).toMatch(/^[^\p{Cc}\p{Bidi_Control}]*$/u);
    expect(text).not.toContain('owned');
  });

  it('takes whatever can be thrown', () => {
    const bad = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    const circular = new Error('round');
    circular.cause = circular;
    const things = [
      undefined,
      null,
      'text',
      7,
      Symbol('s'),
      {},
      [],
      () => 1,
      bad,
      circular,
      new AggregateError([1], 'many'),
    ];
    for (const thing of things) expect(plain(thing)).toMatch(/\S/);
    expect(plain(new TypeError('x is not a function'))).toMatch(/^TypeError\n +what happened +x is not a function/);
    expect(plain({ config: { headers: { Authorization: 'secret' } } })).not.toContain('secret');
  });

  it('paints only when asked to', () => {
    expect(formatError(denied, { colour: true })).toContain(`${ESCAPE}[`);
    expect(plain(denied)).not.toContain(ESCAPE);
    expect(formatError(denied)).not.toContain(ESCAPE);
  });
});
