import { SimulatedClock, SimulatedCloud } from '../src/testing/index.js';
import { receiverAt } from '../src/testing/wire/in-process.js';
import { shortWire } from '../test/helpers/short-wire.js';
import type { Answer, Asked, LargeCloud } from './large-release-wire.js';

/** A shop of so many instances in a process of its own, so that what it computes holds up nobody who is measured. */
process.once('message', (blue: number) => open(blue));

function open(blue: number): void {
  const clock = new SimulatedClock();
  const cloud = new SimulatedCloud({ clock, blue, requestsPerSecond: 0, rateLimits: false });
  const { spot, aws } = shortWire(cloud);
  const clients = aws?.clients as unknown as Readonly<Record<string, { send(command: object): Promise<unknown> }>>;
  // Time is the asker's: nothing moves between two questions.
  clock.hold();
  process.on('message', (asked: Asked) => {
    void answer(asked).then((told) => process.send?.({ ...told, number: asked.number }));
  });
  process.send?.({ startAt: clock.now(), baseUrl: spot?.baseUrl ?? '' } satisfies LargeCloud);

  async function answer({ at, question }: Asked): Promise<Omit<Answer, 'number'>> {
    if (at > clock.now()) cloud.advance(at - clock.now());
    try {
      if ('http' in question) {
        await cloud.start();
        const outcome = await receiverAt(question.http.url)?.(question.http);
        if (outcome === undefined || typeof outcome === 'string') throw new Error(`no answer: ${String(outcome)}`);
        return { output: outcome.response };
      }
      const { client, operation, input } = question;
      return { output: await clients[client]?.send({ input, constructor: { name: `${operation}Command` } }) };
    } catch (error) {
      const { name, message, $metadata } = error as Error & { readonly $metadata?: object };
      return { error: { name, message, $metadata } };
    }
  }
}
