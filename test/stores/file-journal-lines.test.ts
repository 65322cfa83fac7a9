import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JournalLines, linesOfWrite } from '../../src/stores/file-journal-lines.js';
import type { StoredEntry } from '../../src/ports/rollout-store.js';

const ID = 'r';
const fold = (bytes: Buffer | string): JournalLines => {
  const lines = new JournalLines('/store/r.jsonl', ID);
  lines.feed(Buffer.from(bytes));
  return lines;
};
const entry = (text: string): StoredEntry => ({ text });
const write = (first: number, mark: string, ...texts: string[]): string =>
  linesOfWrite(ID, first, mark, texts.map(entry));
const read = (bytes: Buffer | string): unknown[] =>
  fold(bytes)
    .entries(0)
    .map(({ text }) => text);

describe('which lines of a journal count', () => {
  test('the first write to a number wins', () => {
    expect(read(write(0, 'a', 'a0') + write(0, 'b', 'b0') + write(1, 'b', 'b1'))).toEqual(['a0', 'b1']);
  });

  test('the end of a late, longer write does not pass for new entries', () => {
    const bytes = write(0, 'a', 'a0') + write(0, 'b', 'b0', 'b1', 'b2') + write(1, 'c', 'c1');
    expect(read(bytes)).toEqual(['a0', 'c1']);
  });

  test('what stands after the last newline is not written yet', () => {
    const whole = write(0, 'a', 'a0');
    const next = write(1, 'b', 'b1');
    for (let cut = 0; cut < next.length; cut += 1) expect(read(whole + next.slice(0, cut))).toEqual(['a0']);
  });

  test('a write onto a torn one counts, wherever that was torn', () => {
    const torn = write(0, 'a', 'a0', 'a1');
    for (let cut = 0; cut < torn.length; cut += 1) {
      const survives = torn.slice(0, cut).split('\n').length - 1;
      const bytes = torn.slice(0, cut) + write(survives, 'b', 'b');
      expect(read(bytes)).toEqual(survives === 0 ? ['b'] : ['a0', 'b']);
    }
  });

  test('a torn character does not spoil the line behind it', () => {
    const torn = Buffer.from(write(0, 'a', '🚀'));
    const cut = torn.indexOf('🚀') + 2;
    expect(read(Buffer.concat([torn.subarray(0, cut), Buffer.from(write(0, 'b', 'b0'))]))).toEqual(['b0']);
  });

  test('says which write an entry came with', () => {
    const lines = fold(write(0, 'a', 'a0', 'a1') + write(1, 'x', 'x1') + write(2, 'b', 'b2'));
    expect([0, 1, 2, 3].map((seq) => lines.writeOf(seq))).toEqual(['a', 'a', 'b', undefined]);
  });

  test('any mix of writers, looking or not, torn or not, ends as if they had come one by one', () => {
    const action = fc.record({
      writer: fc.nat({ max: 3 }),
      looks: fc.boolean(),
      count: fc.integer({ min: 1, max: 5 }),
      // How much of the write reaches the file; mostly all of it.
      share: fc.oneof(
        { weight: 3, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
      ),
    });
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 25 }),
        fc.array(fc.nat({ max: 400 }), { maxLength: 10 }),
        (actions, cuts) => {
          let bytes = Buffer.alloc(0);
          const expected: string[] = [];
          const known = [0, 0, 0, 0];
          for (const [index, { writer, looks, count, share }] of actions.entries()) {
            if (looks) known[writer] = fold(bytes).length;
            const first = known[writer] ?? 0;
            const texts = Array.from({ length: count }, (_, n) => `${index}.${n} 🚀`);
            const whole = Buffer.from(write(first, `w${index}`, ...texts));
            const written = whole.subarray(0, Math.round(whole.length * share));
            bytes = Buffer.concat([bytes, written]);
            const lines = written.toString('utf8').split('\n').length - 1;
            if (first === expected.length) expected.push(...texts.slice(0, lines));
          }
          expect(read(bytes)).toEqual(expected);

          const piecemeal = new JournalLines('/store/r.jsonl', ID);
          let offset = 0;
          for (const end of [...cuts.sort((a, b) => a - b), bytes.length]) {
            if (end > offset) offset += piecemeal.feed(bytes.subarray(offset, end));
          }
          expect(piecemeal.entries(0).map(({ text }) => text)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('what this library did not write', () => {
  const good = write(0, 'a', 'a0', 'a1') + write(2, 'b', 'b2');
  const line = (seq: unknown, more: object = {}) =>
    `\t${JSON.stringify({ seq, first: seq, write: 'x', entry: {}, ...more })}\n`;

  test.each<[string, string, number, string]>([
    ['text', `${good}hello\n`, 4, 'is not a line of a journal'],
    ['an empty line', `${good}\n`, 4, 'is not a line of a journal'],
    ['broken JSON', `${good}\t{"seq":3,\n${write(3, 'c', 'c3')}`, 4, 'is not a line of a journal'],
    ['a list', `${good}\t[]\n`, 4, 'is not a line of a journal'],
    ['null', `${good}\tnull\n`, 4, 'is not a line of a journal'],
    ['a number that is none', good + line('3'), 4, 'is not a line of a journal'],
    ['a negative number', good + line(-1), 4, 'is not a line of a journal'],
    ['an entry that is a list', good + line(3, { entry: [] }), 4, 'is not a line of a journal'],
    ['no entry', good + line(3, { entry: undefined }), 4, 'is not a line of a journal'],
    ['a write that begins behind its line', good + line(3, { first: 4 }), 4, 'is not a line of a journal'],
    ['a gap', good + write(5, 'c', 'c5'), 4, 'has number 5, but number 3 is missing'],
    ['a lost first line', good.split('\n').slice(1).join('\n'), 1, 'has number 1 of a write whose number 0 is missing'],
    [
      'a lost line in a write',
      write(0, 'a', '0', '1', '2').replace(/\n.*\n/, '\n'),
      2,
      'has number 2 of a write whose number 1 is missing',
    ],
    ['another rollout', linesOfWrite('other', 0, 'a', [{}]), 1, 'belongs to rollout other'],
    ['no rollout', line(0), 1, 'belongs to no rollout'],
  ])('%s is refused with file and line', (_what, bytes, number, why) => {
    expect(() => fold(bytes)).toThrow(
      expect.objectContaining({
        code: 'STORE_CORRUPT',
        message: `/store/r.jsonl, line ${number}: it ${why}`,
        details: { path: '/store/r.jsonl', line: number },
      }),
    );
  });
});
