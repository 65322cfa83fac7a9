import type { DeploymentConfig } from './code-deploy-groups.js';

export interface MinimumHealthyHosts {
  /** `MOST_CONCURRENCY` is what CodeDeploy answers for its own OneAtATime; nobody can set it. */
  readonly type: 'HOST_COUNT' | 'FLEET_PERCENT' | 'MOST_CONCURRENCY';
  readonly value: number;
}

export const DEFAULT_CONFIG = 'CodeDeployDefault.OneAtATime';

/** The configurations that every account has for EC2. */
export const PREDEFINED_CONFIGS: readonly DeploymentConfig[] = [
  { deploymentConfigName: DEFAULT_CONFIG, minimumHealthyHosts: { type: 'MOST_CONCURRENCY', value: 1 } },
  {
    deploymentConfigName: 'CodeDeployDefault.HalfAtATime',
    minimumHealthyHosts: { type: 'FLEET_PERCENT', value: 50 },
  },
  { deploymentConfigName: 'CodeDeployDefault.AllAtOnce', minimumHealthyHosts: { type: 'HOST_COUNT', value: 0 } },
];

/** How many of `size` instances have to be healthy; a percentage is rounded up. */
export function minimumOf({ type, value }: MinimumHealthyHosts, size: number): number {
  switch (type) {
    case 'HOST_COUNT':
      return value;
    case 'FLEET_PERCENT':
      return Math.ceil((size * value) / 100);
    case 'MOST_CONCURRENCY':
      return Math.max(0, size - value);
  }
}

/** No instance may be taken out of service at all: such a deployment fails before it touches one. */
export function leavesNoRoom(minimum: MinimumHealthyHosts, size: number): boolean {
  return minimumOf(minimum, size) >= size;
}

/**
 * Takes the targets through `run`, so many at a time; stops starting more once more than `tolerated` have failed, and
 * reports when nothing is under way any more: true if the failures stayed within what is tolerated and one succeeded.
 * `run` must not report before it has returned.
 */
export function runFleet<T>(fleet: {
  readonly targets: readonly T[];
  readonly atATime: number;
  readonly tolerated: number;
  readonly run: (target: T, done: (succeeded: boolean) => void) => void;
  readonly finished: (withinConstraints: boolean) => void;
}): void {
  const waiting = [...fleet.targets];
  let running = 0;
  let failed = 0;
  let succeeded = 0;
  const settle = (target: boolean): void => {
    running -= 1;
    if (target) succeeded += 1;
    else failed += 1;
    pump();
  };
  const pump = (): void => {
    while (failed <= fleet.tolerated && running < Math.max(1, fleet.atATime)) {
      const next = waiting.shift();
      if (next === undefined) break;
      running += 1;
      fleet.run(next, settle);
    }
    if (running === 0) fleet.finished(failed <= fleet.tolerated && succeeded > 0);
  };
  pump();
}
