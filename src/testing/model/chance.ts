import type { Chance } from './parts.js';

/** Mulberry32: small, fast and the same everywhere, so that a seed tells the whole story again. */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** So many characters out of the alphabet, as ids of cloud resources are made. */
export function randomText(chance: Chance, length: number, alphabet = '0123456789abcdef'): string {
  let text = '';
  for (let index = 0; index < length; index += 1) text += alphabet.charAt(Math.floor(chance() * alphabet.length));
  return text;
}

/** A version 4 UUID. */
export function randomUuid(chance: Chance): string {
  const variant = '89ab'.charAt(Math.floor(chance() * 4));
  const hex = (length: number): string => randomText(chance, length);
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
}
