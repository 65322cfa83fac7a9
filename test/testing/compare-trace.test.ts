import { afterEach, describe, expect, it } from 'vitest';
import type { CloudTrace, TraceEntry } from '../../src/index.js';
import { compareTrace, UNDOCUMENTED, type Undocumented } from '../../src/testing/index.js';
import { everyPairOf } from '../helpers/pairwise.js';
import { closeClouds } from '../helpers/release.js';
import { CANNOT_BE_TOLD, TELLINGS, TELLS, TROUBLES } from '../helpers/trace-stories.js';

afterEach(closeClouds);

type Question = keyof Undocumented;
const QUESTIONS = Object.keys(UNDOCUMENTED) as readonly Question[];

/** Questions of which the true answer is not among those that are left. */
function wrongly(trace: CloudTrace, answers: Partial<Undocumented>): readonly string[] {
  return QUESTIONS.flatMap((question) => {
    const truth: string = answers[question] ?? UNDOCUMENTED[question][0];
    const { fits, because } = compareTrace(trace)[question];
    return fits.includes(truth) ? [] : [`${question} is ${truth}, and told to be ${fits.join(' or ')}: ${because}`];
  });
}

async function traceOf(title: string, answers: Partial<Undocumented>): Promise<CloudTrace> {
  const tell = TELLINGS[title];
  if (tell === undefined) throw new Error(`there is no story ${title}`);
  return (await tell(answers)).trace;
}

describe('a trace answers', () => {
  for (const question of QUESTIONS) {
    for (const answer of UNDOCUMENTED[question]) {
      if (CANNOT_BE_TOLD[question]?.includes(answer) === true) continue;
      it(`${question}: ${answer}`, async () => {
        const answers = { ...TELLS[question].with, [question]: answer };
        const trace = await traceOf(TELLS[question].story, answers);
        const told = compareTrace(trace)[question];
        expect(told).toMatchObject({ question, verdict: 'answered', fits: [answer] });
        expect(told.because).not.toBe('');
        expect(wrongly(trace, answers)).toEqual([]);
      });
    }
  }

  it('nothing before anything was seen', () => {
    const empty: CloudTrace = {
      v: 1,
      rolloutId: 'x',
      kind: 'elastigroup',
      startedAt: '2026-01-05T09:00:00.000Z',
      entries: [],
    };
    for (const told of Object.values(compareTrace(empty))) expect(told.verdict).toBe('not-seen');
    expect(Object.keys(compareTrace(empty))).toEqual(QUESTIONS);
  });
});

describe('a trace never rules out how it was, under mixed answers', () => {
  const mixes = everyPairOf(QUESTIONS.filter((question) => question !== 'modeTimeoutUnit'));
  const some = 3;
  for (const [index, [title, tell]] of Object.entries({ ...TELLINGS, ...TROUBLES }).entries()) {
    it(title, async () => {
      for (let i = 0; i < some; i += 1) {
        const answers = mixes[(index * some + i) % mixes.length] ?? {};
        expect(wrongly((await tell(answers)).trace, answers)).toEqual([]);
      }
    });
  }
});

describe('a cloud that does what the model cannot is told', () => {
  const edited = (trace: CloudTrace, edit: (entry: TraceEntry) => TraceEntry): CloudTrace => ({
    ...trace,
    entries: trace.entries.map(edit),
  });

  it('a mode that says an unknown word after the release has failed', async () => {
    const trace = await traceOf('a release that fails', { whenDeploymentFails: 'only-removes-green' });
    const strange = edited(trace, (entry) => ({
      ...entry,
      now: entry.now === 'REMOVE_NEW_INSTANCES' ? 'PONDERING' : entry.now,
      ...(entry.was === 'REMOVE_NEW_INSTANCES' ? { was: 'PONDERING' } : {}),
    }));
    expect(compareTrace(trace).whenDeploymentFails.verdict).toBe('answered');
    const told = compareTrace(strange).whenDeploymentFails;
    expect(told).toMatchObject({ verdict: 'no-such-value', fits: [] });
    expect(told.because).toContain('PONDERING');
  });

  it('a target that trebles', async () => {
    const trace = await traceOf('a release of which Spot leaves blue', { targetDuringMode: 'doubled' });
    const trebled = edited(trace, (entry) => {
      const now = entry.now as { readonly target?: number } | null;
      return entry.what === 'capacity' && now?.target === 6 ? { ...entry, now: { ...now, target: 9 } } : entry;
    });
    expect(compareTrace(trace).targetDuringMode.fits).toEqual(['doubled']);
    expect(compareTrace(trebled).targetDuringMode).toMatchObject({ verdict: 'no-such-value', fits: [] });
  });

  it('a status in the termination wait of which nobody has heard', async () => {
    const trace = await traceOf('a release with a bake', {});
    const strange = edited(trace, (entry) => {
      const now = entry.now as { readonly terminationWait?: boolean } | null;
      return entry.what === 'state' && now?.terminationWait === true
        ? { ...entry, now: { ...now, status: 'Waiting' } }
        : entry;
    });
    expect(compareTrace(strange).statusInTerminationWait.verdict).toBe('no-such-value');
  });

  it('another wording of a busy deployment group, and a filter that is neither', async () => {
    const busy = await traceOf('a release into a group that is busy', {});
    const reworded = edited(busy, (entry) => {
      const now = entry.now as { readonly says?: string } | null;
      return now?.says === undefined ? entry : { ...entry, now: { ...now, says: 'come back later' } };
    });
    expect(compareTrace(reworded).busyWording).toMatchObject({
      verdict: 'no-such-value',
      because: expect.stringContaining('come back later') as string,
    });
    const released = await traceOf('a release', { filterAfterSuccess: 'green' });
    const other = edited(released, (entry) =>
      entry.what === 'filter' && entry.was !== undefined
        ? { ...entry, now: [[{ key: 'Name', values: ['x'] }]] }
        : entry,
    );
    expect(compareTrace(other).filterAfterSuccess.verdict).toBe('no-such-value');
  });
});
