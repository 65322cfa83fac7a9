import type { Revision } from '../ports/code-deploy.js';

/**
 * Whether two revisions are certainly the same. An S3 key names a place, not what lies there: only a version or an ETag,
 * told of both, shows that the object is the same, and whichever of the two both of them tell must agree.
 */
export function isSameRevision(one: Revision, other: Revision): boolean {
  if ('github' in one || 'github' in other) {
    if (!('github' in one) || !('github' in other)) return false;
    return one.github.repository === other.github.repository && one.github.commitId === other.github.commitId;
  }
  const [a, b] = [one.s3, other.s3];
  if (a.bucket !== b.bucket || a.key !== b.key) return false;
  const told = [
    [a.version, b.version],
    [unquoted(a.eTag), unquoted(b.eTag)],
  ].filter((pair) => pair.every((value) => value !== undefined));
  return told.length > 0 && told.every(([left, right]) => left === right);
}

/** S3 itself answers an ETag in quotation marks. */
const unquoted = (eTag: string | undefined): string | undefined => eTag?.replace(/^"(.*)"$/, '$1');
