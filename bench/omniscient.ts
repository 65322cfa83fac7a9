import { SHOP, SimulatedCloud } from '../src/testing/index.js';
import type { Scenario } from './scenarios.js';
import { codeDeployIsReady, greenStands, isOver, LOOK_MS } from './truth.js';

/** The default of `tagSettle`: between two looks at the green tags. */
export const TAG_SETTLE_MS = 60_000;

const GREEN = { tagKey: 'Colour', tagValue: 'omniscient' };
const MODE_TIMEOUT_SECONDS = 12 * 3600;
const LONGEST_MS = MODE_TIMEOUT_SECONDS * 1000;

export interface OmniscientEnd {
  readonly cloud: SimulatedCloud;
  readonly tookMs: number;
  /** In the words of `CloudRequest`, so that they can be compared with what the library sends. */
  readonly mutations: readonly string[];
}

/**
 * The fastest that the same release could have been.
 *
 * It is a program of its own, without a line of the library: it enters the deployment mode, waits for green, lets the
 * same tag settle time pass, creates the deployment, continues it where the deployment group waits, and is done when
 * Spot has ended the mode and blue is gone. It sends the same mutations as the library, to the same cloud with the same
 * seed and timings, and keeps the same mandatory wait. What it does not do is ask: it reads the state machines of the
 * simulated cloud every 50 ms of simulated time, free of polling, of rate limits, of tags that EC2's API shows late and
 * of Spot's read-after-write lag, and acts in that instant.
 *
 * It is neither an implementation that anybody could write against the real services nor a safe one: it checks, records
 * and proves nothing, and knows no way back. The clouds' own waits (launch, scripts, draining, Spot's polling of
 * CodeDeploy) are in its time as in ours, because nobody who releases this way can shorten them.
 */
export function runOmniscient(scenario: Scenario): OmniscientEnd {
  const cloud = new SimulatedCloud(scenario.cloud);
  const startedAt = cloud.clock.now();
  const until = (holds: () => boolean): void => {
    while (!holds()) {
      if (cloud.clock.now() - startedAt > LONGEST_MS) throw new Error(`it never ended: ${scenario.name}`);
      cloud.advance(LOOK_MS);
    }
  };
  const mutations: string[] = [];
  const { elastigroups, codeDeploy } = cloud;
  const deploymentGroup = { applicationName: SHOP.applicationName, deploymentGroupName: SHOP.deploymentGroupName };

  elastigroups.enterDeploymentMode(SHOP.elastigroupId, {
    timeout: MODE_TIMEOUT_SECONDS,
    tags: [GREEN],
    deploymentGroups: [deploymentGroup],
  });
  mutations.push('spot enterDeploymentMode');

  until(() => greenStands(cloud) !== undefined);
  cloud.advance(TAG_SETTLE_MS);
  until(() => greenStands(cloud) !== undefined);

  const { s3 } = cloud.spec().codeDeploy.revision;
  const deploymentId = codeDeploy.createDeployment({
    ...deploymentGroup,
    revision: { revisionType: 'S3', s3Location: s3 },
    targetInstances: { ec2TagSet: [[{ Key: GREEN.tagKey, Value: GREEN.tagValue, Type: 'KEY_AND_VALUE' }]] },
    autoRollback: { enabled: true, events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'] },
  });
  mutations.push('codedeploy CreateDeployment');

  if (scenario.readyWait) {
    until(() => codeDeployIsReady(cloud));
    codeDeploy.continueDeployment(deploymentId, 'READY_WAIT');
    mutations.push('codedeploy ContinueDeployment');
  }

  until(() => isOver(cloud));
  return { cloud, tookMs: cloud.clock.now() - startedAt, mutations };
}
