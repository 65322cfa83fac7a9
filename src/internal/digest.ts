import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from './json.js';

/** Short and stable: equal values have equal digests, whatever the order of their keys. */
export function digestOf(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 32);
}
