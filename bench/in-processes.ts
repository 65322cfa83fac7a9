import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/**
 * Deals orders out to as many processes as there are processors, each of which runs this file of the bench, and answers
 * what they answer, in no order. Only simulated time counts: processes side by side change nothing in it.
 */
export async function inProcesses<Order, Answer>(file: string, orders: readonly Order[]): Promise<readonly Answer[]> {
  const count = Math.min(orders.length, availableParallelism());
  const hands = Array.from({ length: count }, (_, hand) => orders.filter((_, index) => index % count === hand));
  const answers = await Promise.all(hands.map((hand) => inOneProcess<Order, Answer>(file, hand)));
  return answers.flat();
}

function inOneProcess<Order, Answer>(file: string, orders: readonly Order[]): Promise<readonly Answer[]> {
  return new Promise((resolve, reject) => {
    // Advanced: JSON would turn numbers that are not finite into null.
    const child = fork(join(import.meta.dirname, file), { serialization: 'advanced' });
    let answers: readonly Answer[] | undefined;
    child.on('message', (answer) => {
      answers = answer as readonly Answer[];
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (answers === undefined) reject(new Error(`${file} ended with ${code} before it answered`));
      else resolve(answers);
    });
    child.send(orders);
  });
}
