import { canonicalJson, type Json } from '../../internal/json.js';

/** Runs one check; whatever fails in it becomes an error that names the broken promise. */
export async function promise(text: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new Error(`store promise broken: ${text}; ${found}`, { cause: error });
  }
}

export function expectSame(what: string, found: unknown, expected: Json): void {
  const [is, shouldBe] = [show(found), canonicalJson(expected)];
  if (is !== shouldBe) throw new Error(`${what}: expected ${shorten(shouldBe)}, found ${shorten(is)}`);
}

export async function expectConflict(append: () => Promise<void>): Promise<void> {
  try {
    await append();
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'ROLLOUT_CONFLICT') return;
    throw new Error(`expected an error with code ROLLOUT_CONFLICT, found ${String(error)}`, { cause: error });
  }
  throw new Error('expected an error with code ROLLOUT_CONFLICT, but the append succeeded');
}

function show(value: unknown): string {
  return value === undefined ? 'undefined' : canonicalJson(value as Json);
}

function shorten(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}… (${text.length} characters)`;
}
