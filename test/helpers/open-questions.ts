import { UNDOCUMENTED, type Undocumented } from '../../src/testing/options.js';

export type Answers = Partial<Undocumented>;
type Question = keyof Undocumented;

/** The library is told the unit of the mode's timeout by an option of its own: nothing that it could find out. */
const NOT_OPEN: ReadonlySet<Question> = new Set(['modeTimeoutUnit']);

/**
 * Each of these touches one thing beside the way back: every answer meets every way in which Spot goes back, and not every other
 * answer. `npm run product` leaves none aside.
 */
const ASIDE: ReadonlySet<Question> = new Set<Question>(
  process.env['WHOLE_PRODUCT'] === '1'
    ? []
    : [
        'busyWording',
        'targetOfSilentAgent',
        'suspensionsAfterMode',
        'failedBeforeSpotLooks',
        'secondMode',
        'targetDuringMode',
        'finishedMode',
        'filterAfterSuccess',
        'greenTagsAfterFinish',
      ],
);

/**
 * Runs a story under every combination of answers to the questions that no source answers, each distinct story once.
 *
 * The cloud tells which questions a story came to depend on. Two combinations that agree on all of those are the same
 * story, request by request, so that running one of them has run both: this is the whole product, without its repetitions,
 * of all questions but those aside.
 *
 * @param run - plays the story, and answers the questions that came up, in their order
 * @returns how many stories there were
 */
export async function underEveryAnswer(
  fixed: Answers,
  run: (answers: Answers) => Promise<readonly Question[]>,
  aside: ReadonlySet<Question> = ASIDE,
): Promise<number> {
  const open: Answers[] = [fixed];
  const met = new Set<string>();
  let stories = 0;
  for (let answers = open.pop(); answers !== undefined; answers = open.pop()) {
    const asked = await run(answers);
    stories += 1;
    const pinned: Record<string, string> = { ...answers };
    for (const question of asked) {
      if (NOT_OPEN.has(question) || pinned[question] !== undefined) continue;
      const [first, ...others] = UNDOCUMENTED[question];
      const meeting = `${question} ${pinned['whenDeploymentFails'] ?? ''} ${pinned['stopMode'] ?? ''}`;
      if (!aside.has(question) || !met.has(meeting))
        for (const other of others) open.push({ ...pinned, [question]: other });
      met.add(meeting);
      pinned[question] = first;
    }
  }
  return stories;
}
