import { Readable, Transform } from 'node:stream';

/** The answers of the largest pages that are asked for are some megabytes. */
const LARGEST_ANSWER_BYTES = 50_000_000;

interface Client {
  readonly middlewareStack: { add(middleware: never, options: never): void };
}

type Next = (args: unknown) => Promise<{ readonly response: unknown; readonly output?: unknown }>;

/** Cuts off an answer without measure before it fills the memory; the SDK by itself reads whatever comes. */
export function limitAnswers(client: object): void {
  const limiting = (next: Next) => async (args: unknown) => {
    const result = await next(args);
    const response = result.response as { body?: unknown };
    if (response.body instanceof Readable) response.body = limited(response.body);
    return result;
  };
  const place = { step: 'deserialize', priority: 'low', name: 'elastigroupBluegreenAnswerSize' };
  (client as Client).middlewareStack.add(limiting as never, place as never);
}

function limited(body: Readable): Readable {
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= LARGEST_ANSWER_BYTES) return done(null, chunk);
      done(Object.assign(new Error('the answer is too large'), { code: 'ANSWER_TOO_LARGE' }));
    },
  });
  // Whoever reads it hears of the error; one that comes after nobody reads any more must not end the process.
  limit.on('error', () => {});
  body.once('error', (error) => limit.destroy(error));
  // A peer that goes away in the middle ends the body without an error and without an end.
  body.once('close', () => {
    if (!body.readableEnded) limit.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  });
  limit.once('close', () => body.destroy());
  return body.pipe(limit);
}
