/** Who has to act: the release itself, our configuration, the cloud, a person who gave an order, or this library. */
export type Blame = 'release' | 'config' | 'cloud' | 'operator' | 'us';

interface ErrorFacts {
  readonly blame: Blame;
  /** What it means, in one sentence. */
  readonly meaning: string;
  /** What to do about it. */
  readonly hint: string;
}

const code = (blame: Blame, meaning: string, hint: string): ErrorFacts => ({ blame, meaning, hint });

/** Every code that an error of this library can carry. A code keeps its meaning for ever. */
export const ERROR_CODES = {
  SPEC_INVALID: code(
    'config',
    'The spec does not have the shape that its kind asks for.',
    'Correct the named field; nothing was touched.',
  ),
  OPTIONS_INVALID: code(
    'config',
    'An option given to the library is not one that it can work with.',
    'Correct the named option; nothing was touched.',
  ),
  CREDENTIALS_MISSING: code(
    'config',
    'No Spot token was found.',
    'Pass spot.token, set SPOTINST_TOKEN, or write ~/.spotinst/credentials.',
  ),
  PREFLIGHT_REFUSED: code(
    'config',
    'What was found before the start rules the release out; nothing was touched.',
    'Each finding says what was found and what to do.',
  ),
  ROLLOUT_ID_TAKEN: code(
    'config',
    'The id belongs to a rollout of another spec.',
    'Choose another id, or leave it out.',
  ),
  ROLLOUT_SUPERSEDED: code(
    'operator',
    'A rollout is not carried out, or not tried again, because a later one has worked on the same targets or takes its place.',
    'Nothing to do if the later one is what is wanted. Of one that had failed, mend what its receipt names by hand.',
  ),
  ROLLOUT_UNKNOWN: code(
    'config',
    'The store has no rollout with this id.',
    'Check the id and the store: status lists what the store has.',
  ),
  TARGET_BUSY: code(
    'operator',
    'Another rollout holds the same Elastigroup or deployment group, or waits for it and came first.',
    'Wait for that rollout to end, or abort it; onAlreadyDeploying waits, or supersedes it.',
  ),
  ROLLOUT_CONFLICT: code(
    'us',
    'Somebody else wrote to the journal first.',
    'Nothing to do: the writer that lost reads again.',
  ),
  STORE_CORRUPT: code(
    'cloud',
    'A journal holds something that this library did not write.',
    'Look at the named file and line; restore it from a backup.',
  ),
  STORE_FAILED: code(
    'cloud',
    'The store could not be read or written.',
    'See the cause; resume when the store works again.',
  ),
  ALREADY_DRIVEN: code(
    'operator',
    'Another process drives the rollout.',
    'Watch it, or wait until that process stops.',
  ),
  LEASE_LOST: code('us', 'Another process took over the rollout.', 'Nothing to do: the other process drives it.'),
  ANCHOR_UNREADABLE: code(
    'config',
    'A rollout was to be resumed in another region, in another account, or without the rights to see what it captured.',
    'Resume with the region, the account and the rights it was started with.',
  ),
  PLAN_INCOMPATIBLE: code(
    'us',
    'The journal was written by a version whose steps differ.',
    'Resume with that version, or abort.',
  ),
  HOOK_MISSING: code(
    'config',
    'The rollout was started with a hook, a check or a policy that is not given now.',
    'Give it, or allow it to be missing by name.',
  ),
  CLOUD_REFUSED: code(
    'cloud',
    'A service refused a call.',
    'Mend what the service’s own code and words name, then run it again.',
  ),
  CLOUD_DENIED: code(
    'config',
    'The credentials are not accepted, or lack a permission.',
    'Grant the named action to the caller.',
  ),
  CLOUD_NOT_FOUND: code(
    'config',
    'A service does not know what was named.',
    'Check the name, the region and the account.',
  ),
  CLOUD_THROTTLED: code(
    'cloud',
    'A service refused calls because there were too many.',
    'Run fewer things at once, or ask for a higher limit.',
  ),
  CLOUD_UNAVAILABLE: code(
    'cloud',
    'A service failed or could not be reached.',
    'Look at the status page of the service; resume later.',
  ),
  CLOUD_TIMED_OUT: code(
    'cloud',
    'A call was not answered in time.',
    'Raise timeouts.call if the service is only slow.',
  ),
  CLOUD_ANSWER_INVALID: code(
    'cloud',
    'A service answered something that its contract does not allow.',
    'Run it again; if it comes back, report it with the request id.',
  ),
  OPERATION_UNCLEAR: code(
    'cloud',
    'A call was sent, its answer was lost, and the service does not say whether it acted.',
    'Look whether the named call did anything; then run it again, or resume a rollout that failed.',
  ),
  STEP_TIMED_OUT: code(
    'cloud',
    'Something did not come about in time.',
    'The message says what was seen last: mend that, or give the step longer in timeouts.steps.',
  ),
  STAGE_TIMED_OUT: code(
    'cloud',
    'The steps of a stage together took longer than they were allowed to.',
    'See which step took so long, and why; or raise timeouts.stages.',
  ),
  ROLLOUT_TIMED_OUT: code(
    'cloud',
    'The whole rollout took longer than it was allowed to.',
    'See which step took so long, and why; or raise timeouts.rollout.',
  ),
  HOOK_FAILED: code(
    'release',
    'A hook said no, or threw.',
    'See what the hook said; production was left, or put back, as it was.',
  ),
  HOOK_EXPIRED: code(
    'operator',
    'A hook did not say yes in time.',
    'Look at what the hook waits for, or give it more time.',
  ),
  ALARM_FIRED: code(
    'release',
    'A CloudWatch alarm that guards the release fired.',
    'Look at what the alarm watches; release again once it is OK.',
  ),
  CHECK_FAILED: code(
    'release',
    'A check that guards the release failed.',
    'See what the check said; mend the release, or the check.',
  ),
  GATE_REJECTED: code(
    'operator',
    'Somebody answered a gate with no.',
    'See who and why in the message; the next attempt needs a new id.',
  ),
  GATE_EXPIRED: code(
    'operator',
    'Nobody answered a gate in time: silence never passes.',
    'Answer sooner, or give the gate more time.',
  ),
  HOLD_BYPASSED: code(
    'operator',
    'Somebody let the CodeDeploy deployment go on while a gate or a hook was still open.',
    'Find out who, and why; answer the gate instead.',
  ),
  BAKE_EXPIRED: code(
    'operator',
    'The bake could not be finished before CodeDeploy’s own wait would have ended.',
    'Give the deployment group a longer termination wait, or see why the release could not be watched for so long.',
  ),
  GATE_UNKNOWN: code(
    'operator',
    'The rollout has no such gate, or it has been answered or ended already.',
    'The message says why not; the status shows what is open.',
  ),
  EVIDENCE_REQUIRED: code(
    'operator',
    'The gate can only be approved for what is there, and the answer does not say for what.',
    'Look at the gate’s evidence in the status, and approve with its hash.',
  ),
  EVIDENCE_STALE: code(
    'operator',
    'The answer was given for something else than what is there now.',
    'Look at the gate’s evidence again, and approve with its hash if it is still right.',
  ),
  ABORTED: code(
    'operator',
    'Somebody gave the order to abort.',
    'Nothing to do, unless the receipt has a line that differs.',
  ),
  SUSPENDED: code('operator', 'This process stopped driving the rollout.', 'Resume it.'),
  DEPLOYMENT_MODE_FAILED: code(
    'cloud',
    'Spot ended the deployment mode before the release was out.',
    'Look at the Elastigroup’s log in the Spot console, then run it again.',
  ),
  GREEN_LOST: code(
    'cloud',
    'Green instances were lost before they could be released onto.',
    'Run it again; consider other spot markets.',
  ),
  GREEN_IN_TRAFFIC_EARLY: code(
    'config',
    'Green instances were healthy in a production target group before anything was released onto them.',
    'Take the production target group out of the Elastigroup’s load balancers: CodeDeploy registers instances by itself.',
  ),
  TARGETS_MISSED: code(
    'cloud',
    'CodeDeploy did not take the green instances as its targets.',
    'Wait some minutes and run it again; raise tagSettle.',
  ),
  TARGETS_FOREIGN: code(
    'config',
    'CodeDeploy took an instance as its target that is not green.',
    'Find out who else carries the green tags, or choose others; then run it again.',
  ),
  ALREADY_DEPLOYING: code(
    'operator',
    'Another CodeDeploy deployment is active in the deployment group.',
    'Wait for it, or stop it; onAlreadyDeploying: wait waits for it before anything is touched.',
  ),
  RELEASE_FAILED: code(
    'release',
    'The new version could not be installed or started on a green instance.',
    'Mend the script, or what it needs, and release again; production was left, or put back, as it was.',
  ),
  AGENT_NOT_RESPONDING: code(
    'cloud',
    'The CodeDeploy agent of an instance did not take up a lifecycle event, or did not come back from it.',
    'Check that the agent runs on the image (codedeploy-agent.log says), that the instance has an instance profile, that it reaches CodeDeploy’s and S3’s endpoints on port 443, and that its clock is right; then run it again. Where agents only start late, raise agentTimeout.',
  ),
  RELEASE_STOPPED: code(
    'operator',
    'Somebody stopped the CodeDeploy deployment.',
    'Find out who, and why: CloudTrail has it. Then run it again.',
  ),
  TRAFFIC_FAILED: code(
    'cloud',
    'CodeDeploy could not move traffic: a load balancer event failed.',
    'Look at the target group’s health checks and reasons.',
  ),
  INSTANCE_LOST: code(
    'cloud',
    'An instance that the release depends on was reclaimed or terminated.',
    'Run it again; consider other spot markets.',
  ),
  STRAYS_FOUND: code(
    'cloud',
    'The Elastigroup holds instances that are neither blue nor proven green.',
    'Retire them, or run with strays: "retire".',
  ),
  RETIRE_FAILED: code(
    'cloud',
    'Blue could not be retired although green serves.',
    'Detach the named instances by hand once green is healthy.',
  ),
  PROOF_FAILED: code(
    'cloud',
    'Something healthy in a production target group is not proven to run the release.',
    'Find out what runs on what the receipt names, and take it out once enough of green is healthy.',
  ),
  RESTORE_FAILED: code(
    'cloud',
    'What was there before could not be put back.',
    'The receipt says what differs and how to mend it.',
  ),
  BLUE_NOT_SERVING: code(
    'cloud',
    'Blue is not seen healthy in every production target group, so green was left alone.',
    'Bring blue back, then resume; the receipt names the instances.',
  ),
  INTERNAL: code('us', 'A fault in this library.', 'Report it with the journal.'),
} as const satisfies Record<string, ErrorFacts>;

/** The stable name of a kind of error; `docs/errors.md` has a section for each. */
export type ErrorCode = keyof typeof ERROR_CODES;
