import { randomBytes } from 'node:crypto';

/** A number from 0 up to, but not including, 1: for jitter, not for secrets. */
export function systemRandom(): number {
  return Math.random();
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 12;

/** A new id such as `bg-k3f7q2mzx5ab`: 60 random bits, safe in a tag value, a description, a file name and a shell. */
export function systemNewId(): string {
  return `bg-${Array.from(randomBytes(LENGTH), (byte) => BASE32.charAt(byte % BASE32.length)).join('')}`;
}
