import { expect, it } from 'vitest';
import { renderPlan } from '../../src/index.js';
import type { RolloutPlan, RolloutPlanMutation } from '../../src/index.js';

const ESC = '\u001b';

const PLAN: RolloutPlan = {
  rolloutId: 'bg-7',
  kind: 'elastigroup',
  targets: ['elastigroup/sig-1', 'deployment-group/shop/prod'],
  wouldStart: true,
  blue: { elastigroupId: 'sig-1', instanceIds: ['i-1', 'i-2'] },
  greenTags: { Colour: 'bg-7' },
  steps: [
    { id: 'preflight', stage: 'RECONCILE_SERVICE', type: 'read', title: 'check that the release can start' },
    {
      id: 'enter',
      stage: 'SCALE_UP',
      type: 'effect',
      title: 'enter the mode',
      calls: ['spot enterDeploymentMode'],
      conditional: true,
    },
    { id: 'adopt', stage: 'SCALE_UP', type: 'wait', title: 'wait for others', conditional: true, skipped: true },
    { id: 'await', stage: 'SCALE_UP', type: 'wait', title: 'wait for green', withinMs: 1_800_000 },
    {
      id: 'gate/go',
      stage: 'PRODUCTION_TRAFFIC_SHIFT',
      type: 'gate',
      title: 'wait for an answer',
      withinMs: 3_300_000,
    },
  ],
  stops: [
    {
      type: 'gate',
      name: 'go',
      stepId: 'gate/go',
      stage: 'PRODUCTION_TRAFFIC_SHIFT',
      holds: true,
      withinMs: 3_300_000,
    },
    {
      type: 'hook',
      name: 'tell',
      stepId: 'hook/POST_SCALE_UP/tell',
      stage: 'POST_SCALE_UP',
      holds: false,
      because: 'the deployment group does not wait in Ready',
    },
  ],
  bounds: {
    rolloutTimeoutMs: 86_400_000,
    modeTimeoutMs: 7_200_000,
    longestMs: 5_100_000,
    extraInstances: { count: 2, forAtMostMs: 1_800_000 },
  },
  mutations: [
    {
      stepId: 'enter',
      call: 'spot enterDeploymentMode',
      service: 'spot',
      operation: 'enterDeploymentMode',
      route: 'POST /aws/ec2/group/sig-1/codeDeploy/blueGreenDeployment',
      body: { deployment: { timeout: 7200 } },
    },
    ...[1, 2].map(
      (round): RolloutPlanMutation => ({
        stepId: `withdraw-release/${round}`,
        call: 'codedeploy stopDeployment without rollback',
        service: 'codedeploy',
        operation: 'StopDeployment',
        body: { deploymentId: null, autoRollbackEnabled: false },
        notKnownYet: [{ field: 'deploymentId', because: 'CodeDeploy gives it' }],
        ifNeeded: true,
      }),
    ),
  ],
  unwinding: [
    {
      stepId: 'leave',
      call: 'spot stopDeploymentMode',
      service: 'spot',
      operation: 'stopDeploymentMode',
      route: 'PUT /aws/ec2/group/sig-1/codeDeploy/blueGreenDeployment/{deploymentModeId}/stop',
      ifNeeded: true,
    },
  ],
  calls: [
    { service: 'codedeploy', operation: 'StopDeployment', atLeast: 0, atMost: 2 },
    { service: 'spot', operation: 'enterDeploymentMode', atLeast: 1, atMost: 1 },
    { service: 'spot', operation: 'listDeploymentModes', atLeast: 6, perMinuteOfWaiting: 31 },
  ],
  permissions: {
    iam: {
      Version: '2012-10-17',
      Statement: [{ Sid: 'Any', Effect: 'Allow', Action: ['codedeploy:StopDeployment'], Resource: '*' }],
    },
    spot: {
      calls: [{ call: 'listRolls', route: 'GET /aws/ec2/group/{id}/roll' }],
      policy: { statements: [{ effect: 'ALLOW', actions: ['elastigroup:*'], resources: ['sig-1'] }] },
    },
  },
  warnings: [{ code: 'NO_READY_WAIT', message: 'traffic may move early' }],
  refusals: [],
};

it('a plan as text, stage by stage, with who is asked, the bounds and the warnings', () => {
  expect(renderPlan(PLAN)).toMatchInlineSnapshot(`
    "Plan of a release of kind elastigroup, as rollout bg-7
    It would start.

    What it works on
      locks  elastigroup/sig-1, deployment-group/shop/prod
      blue   2: i-1, i-2
      green  tagged Colour=bg-7

    RECONCILE_SERVICE
      read  check that the release can start

    SCALE_UP
      effect, if needed  enter the mode
                         may send spot enterDeploymentMode
      wait, not needed   wait for others
      wait               wait for green, up to 30 min

    PRODUCTION_TRAFFIC_SHIFT
      gate  wait for an answer, up to 55 min

    Where somebody is asked
      gate go    PRODUCTION_TRAFFIC_SHIFT: a no takes the release back, for up to 55 min
      hook tell  POST_SCALE_UP: is told, and cannot say no: the deployment group does not wait in Ready

    At most
      taken back after                     1 d, unless blue can no longer carry the load
      all waits together                   85 min
      Spot ends the deployment mode after  120 min
      instances beside blue                2, for up to 30 min

    What would be sent
      enter                          spot POST /aws/ec2/group/sig-1/codeDeploy/blueGreenDeployment
                                     {"deployment":{"timeout":7200}}
      withdraw-release/1, if needed  codedeploy StopDeployment, up to 2 times
                                     {"deploymentId":null,"autoRollbackEnabled":false}
                                     deploymentId is known later: CodeDeploy gives it

    On the way back
      leave, if needed  spot PUT /aws/ec2/group/sig-1/codeDeploy/blueGreenDeployment/{deploymentModeId}/stop

    How often the clouds are called
      codedeploy StopDeployment  0 to 2
      spot enterDeploymentMode   1
      spot listDeploymentModes   at least 6, and up to 31 a minute while something is waited for

    IAM policy
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "Any",
            "Effect": "Allow",
            "Action": [
              "codedeploy:StopDeployment"
            ],
            "Resource": "*"
          }
        ]
      }

    Spot permissions
      listRolls  GET /aws/ec2/group/{id}/roll
      {
        "statements": [
          {
            "effect": "ALLOW",
            "actions": [
              "elastigroup:*"
            ],
            "resources": [
              "sig-1"
            ]
          }
        ]
      }

    Warnings
      NO_READY_WAIT  traffic may move early
    "
  `);
});

it('a plan that would be refused ends with the reasons, and leaves out what is not known', () => {
  const { blue: _blue, ...rest } = PLAN;
  const refused: RolloutPlan = {
    ...rest,
    wouldStart: false,
    greenTags: {},
    steps: [],
    stops: [{ type: 'gate', name: 'go', stepId: 'gate/go', stage: 'PRE_SCALE_UP' }],
    bounds: { rolloutTimeoutMs: 60_000 },
    mutations: [],
    unwinding: [],
    calls: [],
    warnings: [],
    refusals: [{ check: 'colours', found: 'blue already carries it', fix: 'Choose another.\nOr another.' }],
  };
  expect(renderPlan(refused)).toMatchInlineSnapshot(`
    "Plan of a release of kind elastigroup, as rollout bg-7
    It would be refused: see the end.

    What it works on
      locks  elastigroup/sig-1, deployment-group/shop/prod

    Where somebody is asked
      gate go  PRE_SCALE_UP: the refusal leaves open whether a no counts here

    At most
      taken back after  60 s, unless blue can no longer carry the load

    IAM policy
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "Any",
            "Effect": "Allow",
            "Action": [
              "codedeploy:StopDeployment"
            ],
            "Resource": "*"
          }
        ]
      }

    Spot permissions
      listRolls  GET /aws/ec2/group/{id}/roll
      {
        "statements": [
          {
            "effect": "ALLOW",
            "actions": [
              "elastigroup:*"
            ],
            "resources": [
              "sig-1"
            ]
          }
        ]
      }

    Refused because
      colours
        found       blue already carries it
        what to do  Choose another.
                    Or another.
    "
  `);
});

it('nothing from outside steers the terminal, or looks like a line of ours', () => {
  const evil = `x${ESC}[2J${ESC}]0;title\u0007\r\nIt would start.\u202e`;
  const text = renderPlan({
    ...PLAN,
    wouldStart: false,
    rolloutId: evil,
    targets: [evil],
    blue: { elastigroupId: evil, instanceIds: [evil] },
    greenTags: { [evil]: evil },
    steps: [{ id: evil, stage: 'SCALE_UP', type: 'effect', title: evil, calls: [evil] }],
    stops: [{ type: 'hook', name: evil, stepId: evil, stage: 'SCALE_UP', holds: false, because: evil }],
    mutations: [
      {
        stepId: evil,
        call: evil,
        service: 'spot',
        operation: evil,
        route: evil,
        body: { [evil]: [evil] },
        notKnownYet: [{ field: evil, because: evil }],
      },
    ],
    unwinding: [{ stepId: evil, call: evil, service: 'ec2', operation: evil }],
    calls: [{ service: evil, operation: evil, atLeast: 1 }],
    permissions: {
      iam: { Version: '2012-10-17', Statement: [{ Sid: evil, Effect: 'Allow', Action: [evil], Resource: [evil] }] },
      spot: {
        calls: [{ call: evil, route: evil }],
        policy: { statements: [{ effect: 'ALLOW', actions: [evil], resources: [evil] }] },
      },
    },
    warnings: [{ code: evil, message: evil }],
    refusals: [{ check: evil, found: evil, fix: evil }],
  });
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  expect(text.split('\n')).not.toContain('It would start.');
});
