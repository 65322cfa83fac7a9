import { UNDOCUMENTED, type Undocumented } from '../../src/testing/options.js';

export type Answers = Partial<Undocumented>;
type Question = keyof Undocumented;

/** The library is told the unit of the mode's timeout by an option of its own: nothing that it could find out. */
const NOT_OPEN: ReadonlySet<Question> = new Set(['modeTimeoutUnit']);

/**
 * Runs a story under every combination of answers to the questions that no source answers, each distinct story once.
 *
 * The cloud tells which questions a story came to depend on. Two combinations that agree on all of those are the same
 * story, request by request, so that running one of them has run both: this is the whole product, without its repetitions.
 *
 * @param run - plays the story, and answers the questions that came up, in their order
 * @returns how many stories there were
 */
export async function underEveryAnswer(
  fixed: Answers,
  run: (answers: Answers) => Promise<readonly Question[]>,
): Promise<number> {
  const open: Answers[] = [fixed];
  let stories = 0;
  for (let answers = open.pop(); answers !== undefined; answers = open.pop()) {
    const asked = await run(answers);
    stories += 1;
    const pinned: Record<string, string> = { ...answers };
    for (const question of asked) {
      if (NOT_OPEN.has(question) || pinned[question] !== undefined) continue;
      const [first, ...others] = UNDOCUMENTED[question];
      for (const other of others) open.push({ ...pinned, [question]: other });
      pinned[question] = first;
    }
  }
  return stories;
}
