import type { CloudRequest } from '../../src/testing/wire/request-log.js';
import { SHOP } from '../../src/testing/shop.js';
import type { Ending } from './ending.js';
import type { StoryHook } from './company.js';
import { sentBlindly } from './judge-sendings.js';

/** What was sent, or went on, although it should not have. */
export function unasked(ending: Ending): string[] {
  return [
    ...twice(ending),
    ...sentBlindly(ending),
    ...unguarded(ending),
    ...withoutYes(ending),
    ...ontoOthers(ending),
    ...forGood(ending),
  ];
}

/** Each attempt makes one deployment, and each rollout enters one mode. */
function twice({ cloud, id, story }: Ending): string[] {
  const vanishes = story.cloud.undocumented?.finishedMode === 'vanishes';
  const { codeDeployDeployments } = cloud.snapshot();
  const ours = codeDeployDeployments.flatMap(({ description }) =>
    description?.startsWith(`${id}#`) === true ? [description] : [],
  );
  const again = ours.filter((marker, index) => ours.indexOf(marker) !== index);
  const modes = cloud.requests.filter(
    ({ operation, status }) => operation === 'enterDeploymentMode' && (status === 200 || status === 'lost'),
  );
  // A connection may break before Spot has acted; and what has ended, and is not listed any more, is as good as none.
  const listed = cloud.elastigroups.deploymentModes(SHOP.elastigroupId).filter(({ config }) => config.aside !== true);
  const entered = Math.min(modes.length, listed.length);
  return [
    ...again.map((marker) => `${marker} was deployed twice`),
    ...(entered > 1 && !vanishes ? [`it entered ${entered} deployment modes`] : []),
  ];
}

/** What CodeDeploy does by itself, should nobody come back, is said with every release. */
function unguarded({ cloud, story }: Ending): string[] {
  return sent(cloud.requests, 'CreateDeployment').flatMap((body) => {
    const {
      description = '',
      autoRollbackConfiguration,
      overrideAlarmConfiguration,
    } = body as {
      readonly description?: string;
      readonly autoRollbackConfiguration?: { readonly enabled: boolean; readonly events: readonly string[] };
      readonly overrideAlarmConfiguration?: { readonly enabled: boolean; readonly alarms: readonly unknown[] };
    };
    if (/#strays-/.test(description)) return [];
    const events = autoRollbackConfiguration?.events ?? [];
    const alarms = story.spec.alarms ?? [];
    return [
      ...(events.includes('DEPLOYMENT_FAILURE') ? [] : [`${description} would not be rolled back when it fails`]),
      ...(alarms.length > 0 && overrideAlarmConfiguration?.alarms.length !== alarms.length
        ? [`${description} goes out without its alarms`]
        : []),
      ...(alarms.length > 0 && !events.includes('DEPLOYMENT_STOP_ON_ALARM')
        ? [`${description} would not be rolled back on an alarm`]
        : []),
    ];
  });
}

/** Silence never passes a gate, nor does a no. */
function withoutYes({ result, story }: Ending): string[] {
  if (result?.outcome !== 'succeeded' || result.codeDeployDeploymentIds.length === 0) return [];
  const closed = story.answers.filter(({ answer }) => answer !== 'yes');
  const refused = (story.company?.hooks ?? []).filter((hook) => saysNo(hook));
  return [
    ...closed.map(({ gate, answer }) => `it succeeded, and the answer to the gate ${gate} was ${answer}`),
    ...refused.map(({ stage, does }) => `it succeeded, and a hook at ${stage} ${does}`),
  ];
}

const saysNo = ({ stage, does }: StoryHook): boolean =>
  ['RECONCILE_SERVICE', 'PRE_SCALE_UP'].includes(stage) && ['says-no', 'throws', 'stays-silent'].includes(does);

/** Green is what carries every one of its tags, in the Elastigroup. */
function ontoOthers({ cloud, story, id }: Ending): string[] {
  if (story.company?.tagsElsewhere?.which !== 'one') return [];
  const { codeDeployDeployments } = cloud.snapshot();
  return codeDeployDeployments
    .filter(({ description }) => description?.startsWith(`${id}#`))
    .flatMap(({ targets }) => targets)
    .filter(({ instanceId }) => cloud.ec2.get(instanceId)?.elastigroupId !== SHOP.elastigroupId)
    .map(({ instanceId }) => `it released onto ${instanceId}, which is none of the Elastigroup’s`);
}

/** A process that never comes back must not leave the Elastigroup without its healing. */
function forGood({ cloud, story }: Ending): string[] {
  const theirs = story.suspended.filter(({ minutes }) => minutes === undefined).map(({ process }): string => process);
  return sent(cloud.requests, 'suspendProcesses').flatMap((body) => {
    const { suspensions } = body as { readonly suspensions: readonly { name: string; ttlInMinutes?: number }[] };
    return suspensions
      .filter(({ name, ttlInMinutes }) => ttlInMinutes === undefined && !theirs.includes(name))
      .map(({ name }) => `it suspends ${name} without an end`);
  });
}

const sent = (requests: readonly CloudRequest[], wanted: string): readonly object[] =>
  requests.flatMap(({ operation, body }) => (operation === wanted ? [body as object] : []));
