/** Why this process does not drive, where the reason is that another one does. */
const BY_ANOTHER: ReadonlySet<string> = new Set(['ALREADY_DRIVEN', 'LEASE_LOST']);

/** Whether it is another process that goes on with the rollout: to be watched then, not resumed. */
export function isDrivenElsewhere(code: string | undefined): boolean {
  return code !== undefined && BY_ANOTHER.has(code);
}
