import { describe, expect, it } from 'vitest';
import { ChecksWatch } from '../../src/engine/checks-watch.js';
import type { JournalFact } from '../../src/engine/journal.js';
import { askChecks } from '../../src/steps/ask-checks.js';
import type { ElastigroupRelease } from '../../src/steps/elastigroup-release.js';
import { contextOf, intend, JumpClock, journalOf } from '../helpers/engine.js';

const done: JournalFact = { type: 'operation-done', key: 'end-bake', how: 'answered', result: true };

describe('the checks of a release', () => {
  it.each<[string, boolean, readonly JournalFact[], number]>([
    ['once traffic moves', true, [], 1],
    ['not before', false, [], 0],
    ['while the call that lets blue go is about to be sent', true, [intend('end-bake')], 1],
    ['not while CodeDeploy takes blue away: going back would be worse', true, [intend('end-bake'), done], 0],
  ])('are asked %s', async (_, trafficMoves, facts, times) => {
    const clock = new JumpClock();
    const journal = await journalOf(clock);
    for (const fact of facts) await journal.append(fact);
    let asked = 0;
    const check = { name: 'errors', intervalMs: 1_000, failureLimit: 1, timeoutMs: 1_000 };
    const run = (): 'pass' => {
      asked += 1;
      return 'pass';
    };
    const checks = new ChecksWatch([{ ...check, run }], clock, undefined);
    const outcomes = await askChecks({ checks } as ElastigroupRelease, contextOf(journal, clock), trafficMoves);
    expect(asked).toBe(times);
    expect(outcomes).toHaveLength(times);
  });
});
