import type { History, Sight } from './history.js';

export interface DeploymentState {
  readonly status: string;
  readonly creator?: string;
  readonly createdAt: string;
  readonly completedAt?: string;
  /** Ours carry one. */
  readonly marker?: string;
  readonly terminationWait?: true;
}

/** One CodeDeploy deployment as it was seen. */
export interface SeenDeployment {
  readonly id: string;
  readonly sights: ReadonlyArray<Sight<DeploymentState>>;
  readonly createdAt: number;
  readonly ours: boolean;
  /** CodeDeploy's own way back is none that Spot's mode would follow. */
  readonly byUser: boolean;
}

export function deploymentsIn(history: History): readonly SeenDeployment[] {
  const states = [...history.all<DeploymentState | null>('codedeploy', 'state')];
  return states.flatMap(([id, seen]) => {
    const sights = seen.filter((sight): sight is Sight<DeploymentState> => sight.value !== null);
    const [first] = sights;
    if (first === undefined) return [];
    const { marker, creator = 'user', createdAt } = first.value;
    const ours = marker !== undefined;
    return [{ id, sights, createdAt: Date.parse(createdAt), ours, byUser: creator === 'user' }];
  });
}

export const isBad = (status: string): boolean => status === 'Failed' || status === 'Stopped';

/** When it was first seen to have failed or to have been stopped. */
export const seenBadAt = ({ sights }: SeenDeployment): number | undefined =>
  sights.find(({ value }) => isBad(value.status))?.from;
