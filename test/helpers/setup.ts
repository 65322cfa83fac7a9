import { inspect } from 'node:util';
import { afterEach, beforeEach } from 'vitest';
import type { RunnerTask } from 'vitest';

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

// vitest reports such a rejection at the end of the whole run; here it fails the test that left it behind.
afterEach(async () => {
  await new Promise((resolve) => void setImmediate(resolve));
  const [first] = rejections.splice(0);
  if (first !== undefined) throw new Error(`a promise was left to reject unseen: ${inspect(first)}`, { cause: first });
});

const checked = new WeakSet<object>();

// Two tests of one name cannot be told apart in a report, nor be run alone.
beforeEach(({ task: { file } }) => {
  if (checked.has(file)) return;
  checked.add(file);
  const seen = new Set<string>();
  for (const title of titlesIn(file.tasks, '')) {
    if (seen.has(title)) throw new Error(`two tests of this file have the same title: ${title}`);
    seen.add(title);
  }
});

function titlesIn(tasks: readonly RunnerTask[], prefix: string): string[] {
  return tasks.flatMap((task) => {
    const title = prefix === '' ? task.name : `${prefix} > ${task.name}`;
    return task.type === 'suite' ? titlesIn(task.tasks, title) : [title];
  });
}
