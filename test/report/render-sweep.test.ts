import { expect, it } from 'vitest';
import { renderSweep } from '../../src/index.js';
import type { SweepReport } from '../../src/index.js';

const ESC = '\u001b';

const REPORT: SweepReport = {
  dryRun: false,
  at: '2026-01-05T09:10:00.000Z',
  leftovers: [
    {
      what: 'rollout',
      subject: 'bg-7',
      rolloutId: 'bg-7',
      since: '2026-01-05T09:00:00.000Z',
      ageMs: 600_000,
      owner: 'driver-1',
      serving: false,
      remedy: 'Resume it.',
    },
    { what: 'green instance', subject: 'i-1', rolloutId: 'bg-7', serving: true, remedy: 'Detach it.' },
    { what: 'target lock', subject: 'elastigroup/sig-2', rolloutId: 'bg-5', serving: false, remedy: 'Sweep frees it.' },
  ],
  alive: ['bg-8'],
  swept: [
    {
      rolloutId: 'bg-7',
      outcome: 'failed',
      receipt: {
        lines: [
          { what: 'blue instance', subject: 'i-2', verdict: 'restored' },
          {
            what: 'green instance',
            subject: 'i-1',
            verdict: 'differs',
            expected: 'gone',
            found: 'alive',
            fix: 'Detach it.',
          },
        ],
      },
      error: { code: 'ABORTED', message: 'sweep gave the order', blame: 'operator', hint: '' },
    },
  ],
  freed: [{ what: 'target lock', subject: 'elastigroup/sig-2', rolloutId: 'bg-5' }],
};

it('a sweep as text: what is left, rollout by rollout, and what was done', () => {
  expect(renderSweep(REPORT)).toMatchInlineSnapshot(`
    "Sweep at 2026-01-05T09:10:00.000Z
    3 found

    Rollout bg-7
      rollout bg-7
        it is       10 min old, since 2026-01-05T09:00:00.000Z; last driven by driver-1
        what to do  Resume it.
      green instance i-1
        it is       users are served by it
        what to do  Detach it.

    Rollout bg-5
      target lock elastigroup/sig-2
        what to do  Sweep frees it.

    Driven to their end
      bg-7: failed
        because  sweep gave the order
        differs  green instance of i-1. Detach it.

    Freed
      target lock  elastigroup/sig-2

    Left alone, because somebody drives them
      bg-8
    "
  `);
});

it('a dry run that found nothing says so in two lines', () => {
  const nothing = { ...REPORT, dryRun: true, leftovers: [], alive: [], swept: [], freed: [] };
  expect(renderSweep(nothing)).toMatchInlineSnapshot(`
    "Sweep at 2026-01-05T09:10:00.000Z, a dry run: nothing was changed
    Nothing is left of dead rollouts.
    "
  `);
});

it('nothing from outside steers the terminal, or looks like a line of ours', () => {
  const evil = `x${ESC}[2J\u0007\r\nNothing is left of dead rollouts.\u202e`;
  const text = renderSweep({
    ...REPORT,
    at: evil,
    leftovers: [
      { what: evil, subject: evil, rolloutId: evil, since: evil, ageMs: 1, owner: evil, serving: true, remedy: evil },
    ],
    alive: [evil],
    swept: [
      {
        rolloutId: evil,
        outcome: 'suspended',
        receipt: { lines: [{ what: evil, subject: evil, verdict: 'not-checked', because: evil }] },
        error: { code: 'INTERNAL', message: evil, blame: 'us', hint: evil },
      },
    ],
    freed: [{ what: 'lease', subject: evil, rolloutId: evil }],
  });
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  expect(text.split('\n')).not.toContain('Nothing is left of dead rollouts.');
});
