import { createHash } from 'node:crypto';

/** Leaves room for an ending within the 255 bytes that file systems allow. */
const LONGEST = 180;
const HASH_MARK = '=';
const EMPTY = '%';

/**
 * A file name for any string: different strings get different names, on file systems that ignore case as well, and none
 * leads out of its directory.
 *
 * What is not a lower-case letter, digit, `-`, `_` or inner dot becomes `%` and its code. A name that would be too long
 * is a digest of the string instead and cannot be decoded.
 */
export function encodeName(text: string): string {
  if (text === '') return EMPTY;
  const encoded = text.replace(/[^a-z0-9._-]|^\.|\.$/g, escapeCode);
  if (encoded.length <= LONGEST) return encoded;
  // By code units: half a surrogate pair has no UTF-8 form of its own.
  return HASH_MARK + createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex');
}

/** The string that `encodeName` was given; undefined for a digest and for what `encodeName` never answers. */
export function decodeName(name: string): string | undefined {
  if (name === EMPTY) return '';
  const text = name.replace(/%(?:u([0-9a-f]{4})|([0-9a-f]{2}))/g, (_all, long?: string, short?: string) =>
    String.fromCharCode(Number.parseInt(long ?? short ?? '', 16)),
  );
  return encodeName(text) === name ? text : undefined;
}

export function isDigestName(name: string): boolean {
  return name.startsWith(HASH_MARK);
}

// Without the `u` flag the pattern meets one code unit at a time.
function escapeCode(unit: string): string {
  const code = unit.charCodeAt(0);
  return code < 0x100 ? `%${code.toString(16).padStart(2, '0')}` : `%u${code.toString(16).padStart(4, '0')}`;
}
