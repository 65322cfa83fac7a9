import type { Fault } from '../faults.js';
import type { CodeDeploySimulation } from './code-deploy.js';
import type { DeploymentMode } from './deployment-mode.js';
import type { FaultBoard } from './fault-board.js';
import { Refusal, type Timers } from './parts.js';

type Stranger = Extract<Fault, { readonly fault: 'stranger-deploys' }>;

/** What a stranger releases: nobody's revision but theirs. */
const STRANGERS_REVISION = Object.freeze({
  revisionType: 'S3',
  s3Location: Object.freeze({ bucket: 'releases', key: 'somebody-elses.zip', bundleType: 'zip' }),
});

const TRIES_AGAIN_AFTER_MS = 5_000;
const GIVES_UP_AFTER_MS = 10 * 60_000;

/** People who deploy by hand while somebody else releases: each fault stands for one of them, and strikes once. */
export function watchStrangers(parts: {
  readonly timers: Timers;
  readonly faults: FaultBoard;
  readonly codeDeploy: CodeDeploySimulation;
  /** The mode that runs now. */
  runningMode(): DeploymentMode | undefined;
}): void {
  const { timers, faults, codeDeploy } = parts;

  const deploy = (fault: Stranger, mode: DeploymentMode, until: number): void => {
    const [group] = mode.config.deploymentGroups;
    if (group === undefined) return;
    try {
      codeDeploy.createDeployment({
        ...group,
        revision: STRANGERS_REVISION,
        description: 'by hand',
        targetInstances: { ec2TagSet: tagsOf(mode, fault.onto).map((tag) => [{ ...tag, Type: 'KEY_AND_VALUE' }]) },
      });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      // Tags that CodeDeploy does not see yet: a person tries again. In a group that is busy they come too late.
      const tooEarly = refusal.code === 'InvalidTargetInstancesException' && timers.now() < until;
      if (tooEarly) timers.schedule(TRIES_AGAIN_AFTER_MS, () => deploy(fault, mode, until));
    }
  };

  faults.onReached((point) => {
    const fault = faults.take('stranger-deploys', ({ during }) => during === point);
    if (fault === undefined) return;
    timers.schedule(fault.afterMs ?? 0, () => {
      const mode = parts.runningMode();
      if (mode !== undefined) deploy(fault, mode, timers.now() + GIVES_UP_AFTER_MS);
    });
  });
}

function tagsOf(mode: DeploymentMode, colour: 'green' | 'blue'): ReadonlyArray<{ Key: string; Value: string }> {
  return mode.config.tags.map(({ tagKey, tagValue }) => ({
    Key: tagKey,
    Value: colour === 'green' ? tagValue : (mode.blue[0]?.tags.get(tagKey) ?? ''),
  }));
}
