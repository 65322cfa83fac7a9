import { UNDOCUMENTED, type Undocumented } from '../../src/testing/options.js';

type Question = keyof Undocumented;

/** A short list of combinations in which any two answers to any two of the questions meet at least once. */
export function everyPairOf(questions: readonly Question[]): ReadonlyArray<Partial<Undocumented>> {
  const open = new Set<string>();
  questions.forEach((one, index) => {
    for (const other of questions.slice(index + 1))
      for (const a of UNDOCUMENTED[one]) for (const b of UNDOCUMENTED[other]) open.add(pair(one, a, other, b));
  });
  const rows: Array<Partial<Undocumented>> = [];
  for (let [first] = open; first !== undefined; [first] = open) {
    // A pair that has not met yet, and then for each other question the answer that brings the most pairs together.
    const row: Record<string, string> = Object.fromEntries(first.split('&').map((part) => part.split('=')));
    for (const question of questions) row[question] ??= mostNew(question, row, open);
    for (const each of pairsOf(row, questions)) open.delete(each);
    rows.push(row);
  }
  return rows;
}

const pair = (one: string, a: string, other: string, b: string): string => `${one}=${a}&${other}=${b}`;

function pairsOf(row: Readonly<Record<string, string>>, questions: readonly Question[]): string[] {
  return questions.flatMap((one, index) =>
    questions.slice(index + 1).flatMap((other) => {
      const [a, b] = [row[one], row[other]];
      return a === undefined || b === undefined ? [] : [pair(one, a, other, b)];
    }),
  );
}

function mostNew(question: Question, row: Readonly<Record<string, string>>, open: ReadonlySet<string>): string {
  const met = Object.entries(row);
  const worth = (answer: string): number =>
    met.filter(([other, b]) => open.has(pair(question, answer, other, b)) || open.has(pair(other, b, question, answer)))
      .length;
  return [...UNDOCUMENTED[question]].sort((a, b) => worth(b) - worth(a))[0] ?? '';
}
