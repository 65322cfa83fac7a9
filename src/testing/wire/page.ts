import { Refusal } from '../model/parts.js';

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** One page of a list; the token is opaque to the caller, as with the real services. */
export function pageOf<T>(
  all: readonly T[],
  asked: { readonly size: number; readonly token: string | undefined; readonly refusal: string },
): Page<T> {
  const start = asked.token === undefined ? 0 : positionOf(asked.token);
  if (start === undefined || start > all.length)
    throw new Refusal(asked.refusal, `The token '${asked.token ?? ''}' is invalid`);
  const end = start + asked.size;
  return {
    items: all.slice(start, end),
    next: end < all.length ? Buffer.from(`from:${end}`).toString('base64') : undefined,
  };
}

function positionOf(token: string): number | undefined {
  const [, position] = /^from:(\d+)$/.exec(Buffer.from(token, 'base64').toString()) ?? [];
  return position === undefined ? undefined : Number(position);
}
