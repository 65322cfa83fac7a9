/** For how long something has been seen: a clock that is set meanwhile makes it neither longer nor shorter. */
export const steady = (clock: { now(): number; monotonic?(): number }): number => clock.monotonic?.() ?? clock.now();
