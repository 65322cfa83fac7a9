/** A trace is kept beside a rollout: whatever goes wrong with it must not become the rollout's trouble. */
export function quietly(tell: () => void): void {
  try {
    tell();
  } catch {
    return;
  }
}

/** The same of what takes its time. */
export async function quietlyDone(tell: () => Promise<void>): Promise<void> {
  try {
    await tell();
  } catch {
    return;
  }
}
