/** A trace is kept beside a rollout: whatever goes wrong with it must not become the rollout's trouble. */
export function quietly(tell: () => void): void {
  try {
    tell();
  } catch {
    return;
  }
}
