import { BlueGreenError } from '../errors/blue-green-error.js';
import type { ForeseenSending } from '../engine/outlook.js';
import type { StepContext } from '../engine/step.js';
import { toJson, type Json } from '../internal/json.js';
import type { CloudRequest } from '../ports/cloud-requests.js';
import { CAPTURE_BLUE, type CapturedBlue } from '../steps/capture-blue.js';
import { deploymentToCreate } from '../steps/create-deployment-operation.js';
import type { ElastigroupRelease } from '../steps/elastigroup-release.js';
import { modeToEnter } from '../steps/enter-deployment-mode.js';
import { PREFLIGHT, type PreflightFacts } from '../steps/preflight.js';
import { deploymentOntoGreen } from '../steps/release-green.js';
import { deploymentOntoStrays } from '../steps/release-strays.js';
import { strayMarker } from '../steps/stray-release.js';
import { suspensionsOf, suspensionWanted, SUSPEND_PROCESSES } from '../steps/suspend-processes.js';
import { detachOf } from '../steps/take-out.js';

type Later = ForeseenSending['notKnownYet'][number];

/** What a step would send by one of its calls, made of what the step makes it of. */
export function foreseeSendings(
  release: ElastigroupRelease,
  context: StepContext,
): (stepId: string, call: string) => readonly ForeseenSending[] {
  const facts = context.output<PreflightFacts>(PREFLIGHT);
  const captured = context.output<CapturedBlue>(CAPTURE_BLUE);
  // Before the first looks are done nothing is known that could be shown.
  if (facts === undefined || captured === undefined) return () => [];
  const { requests } = release.clouds;
  const { elastigroupId } = release.spec;
  // Only blue that CodeDeploy keeps looks ill to Spot.
  const suspends = release.suspend?.throughout === true || facts.terminationWaitMs !== null;
  const targetsOf = (change: 'registerTargets' | 'deregisterTargets', because: string): readonly ForeseenSending[] =>
    facts.targetGroups.map(({ arn }) => later(requests[change](arn, []), [{ field: 'Targets', because }]));
  const create = (which: Parameters<typeof deploymentToCreate>[1]): CloudRequest =>
    requests.createDeployment(deploymentToCreate(release, which));

  return (stepId, call) => {
    const number = Number(stepId.split('/')[1]);
    switch (call) {
      case 'spot enterDeploymentMode':
        if (facts.adopted !== undefined) return [];
        return [surely(requests.enterDeploymentMode(elastigroupId, modeToEnter(release, facts)))];
      case 'codedeploy createDeployment': {
        if (stepId.startsWith('release-strays/')) return [later(create(deploymentOntoStrays(release, number)), [])];
        const request = create(deploymentOntoGreen(release, number, facts.greenTags));
        return [number === 1 ? surely(request) : later(request, [])];
      }
      case 'codedeploy continueDeployment READY_WAIT': {
        if (facts.readyWaitMs === null) return [];
        const request = requests.continueDeployment('', 'READY_WAIT');
        return [{ ...later(request, DEPLOYMENT_ID), ifNeeded: stepId !== 'continue-codedeploy' }];
      }
      case 'codedeploy continueDeployment TERMINATION_WAIT':
        if (release.bakeMs === undefined) return [];
        return [later(requests.continueDeployment('', 'TERMINATION_WAIT'), DEPLOYMENT_ID)];
      case 'codedeploy stopDeployment with rollback':
        return [later(requests.stopDeployment('', { rollBack: true }), DEPLOYMENT_ID)];
      case 'codedeploy stopDeployment without rollback':
        return [later(requests.stopDeployment('', { rollBack: false }), DEPLOYMENT_ID)];
      case 'spot stopDeploymentMode':
        return [
          later(
            requests.stopDeploymentMode(elastigroupId, facts.adopted?.deploymentModeId ?? ''),
            facts.adopted === undefined
              ? [{ field: 'deploymentModeId', because: 'Spot gives it when the mode is entered' }]
              : [],
          ),
        ];
      case 'spot detachInstances': {
        const { decrement } = release;
        const request = requests.detachInstances(
          elastigroupId,
          detachOf(release, { instanceIds: [], decrement: decrement ?? true }),
        );
        return [
          later(request, [
            { field: 'instancesToDetach', because: LEFT[stepId.split('/')[0] ?? ''] ?? 'who is left then' },
            ...(decrement === undefined
              ? [{ field: 'shouldDecrementTargetCapacity', because: 'true unless that would lead below the minimum' }]
              : []),
          ]),
        ];
      }
      case 'spot setCapacity': {
        const { minimum, target, maximum } = captured.capacity;
        const request = requests.setCapacity(elastigroupId, { minimum, target, maximum });
        if (stepId !== 'restore-settings') return [later(request, RAISED)];
        const because = 'as it was, or as it is then: never below what is there';
        return [later(request, [{ field: 'capacity.target', because }])];
      }
      case 'spot suspendProcesses':
        if (stepId !== SUSPEND_PROCESSES) return suspendingAgain(release, captured);
        return suspends ? suspending(release, context) : [];
      case 'spot resumeProcesses': {
        const { processes } = suspensionWanted(release, context);
        if (processes.length === 0 || !suspends) return [];
        const because = `those of ${processes.join(', ')} that are suspended then and were not before`;
        return [later(requests.resumeProcesses(elastigroupId, processes), [{ field: 'processes', because }])];
      }
      case 'ec2 createTags': {
        const because = 'instances that Spot launches during the release';
        const known = stepId.startsWith('mark-strays/')
          ? [strayMarker(release, number)]
          : stepId.startsWith('tag-replacements/')
            ? facts.greenTags
            : undefined;
        return [
          later(requests.createTags([], known ?? []), [
            { field: 'Resources', because },
            ...(known === undefined ? [{ field: 'Tags', because: 'the tags that green carries then' }] : []),
          ]),
        ];
      }
      case 'elbv2 registerTargets':
        return targetsOf('registerTargets', 'those of captured blue that are missing there then');
      case 'elbv2 deregisterTargets':
        return targetsOf('deregisterTargets', 'those that are registered there then and are to go');
      default:
        throw new BlueGreenError('INTERNAL', `nothing tells what ${call} of ${stepId} would send`);
    }
  };
}

const DEPLOYMENT_ID: readonly Later[] = [
  { field: 'deploymentId', because: 'CodeDeploy gives it when the deployment is created' },
];
const RAISED: readonly Later[] = [
  { field: 'capacity.minimum', because: 'as it is then' },
  { field: 'capacity.target', because: 'as many as there are then, so that Spot takes nothing else away' },
  { field: 'capacity.maximum', because: 'as it is then, or the target where that is higher' },
];
const LEFT: Readonly<Record<string, string>> = {
  'retire-blue': 'those of captured blue that Spot has left',
  'settle-strays': 'instances that Spot launched during the release and that nothing proves',
  'remove-green': 'those of green that Spot has left',
};

function suspending(release: ElastigroupRelease, context: StepContext): readonly ForeseenSending[] {
  const wanted = suspensionWanted(release, context);
  if (wanted.processes.length === 0) return [];
  const { requests } = release.clouds;
  const request = requests.suspendProcesses(release.spec.elastigroupId, suspensionsOf(wanted));
  if (release.suspend?.throughout === true) return [surely(request)];
  const because = `until half an hour after the bake, and at most ${Math.ceil(wanted.ttlMs / 60_000)}`;
  return [
    later(
      request,
      wanted.processes.map((_, index) => ({ field: `suspensions.${index}.ttlInMinutes`, because })),
    ),
  ];
}

/** Only what was suspended before is owed. */
function suspendingAgain(release: ElastigroupRelease, captured: CapturedBlue): readonly ForeseenSending[] {
  if (captured.suspensions.length === 0) return [];
  const names = captured.suspensions.map(({ process }) => process).join(', ');
  const request = release.clouds.requests.suspendProcesses(release.spec.elastigroupId, captured.suspensions);
  return [later(request, [{ field: 'suspensions', because: `those of ${names} that Spot has lifted by then` }])];
}

const surely = (request: CloudRequest): ForeseenSending => ({ request, notKnownYet: [], ifNeeded: false });

/** With null for every field that is known only later. */
function later(request: CloudRequest, notKnownYet: readonly Later[]): ForeseenSending {
  if (request.body === undefined) return { request, notKnownYet, ifNeeded: true };
  const body = toJson(request.body);
  for (const { field } of notKnownYet) blank(body, field.split('.'));
  return { request: { ...request, body }, notKnownYet, ifNeeded: true };
}

function blank(within: Json, [name = '', ...rest]: readonly string[]): void {
  const members = within as Record<string, Json>;
  if (rest.length === 0) members[name] = null;
  else blank(members[name] ?? null, rest);
}
