import type { ErrorCode } from '../error-codes.js';
import type { ErrorGuide } from '../error-guide.js';

const CALL = {
  service: 'which service',
  operation: 'which call, by the name that the library has for it',
  kind: 'what became of it',
  message: 'the service’s own words, shortened',
  acted: '`no`: it certainly did nothing; `unknown`: it may have',
} as const;
const ANSWERED = { ...CALL, status: 'the HTTP status', requestId: 'what the service’s support asks for' } as const;

/** Before anything is sent it is a refusal, and later the release is taken back. */
const ENDINGS = ['refused', 'rolled-back', 'failed', 'suspended', 'error'] as const;

/** A call to a service failed. */
export const CALLS_GUIDE = {
  CLOUD_REFUSED: {
    provokedBy: 'A service answers a call with an error of its own that no retry can cure.',
    check: [
      'The message has the service, the call, and the service’s own code: its documentation says what that means.',
      '`npx elastigroup-bluegreen plan SPEC` tells what would be sent, field by field, if one of them is what it does not like.',
    ],
    facts: { ...ANSWERED, code: 'the service’s own code' },
    endings: ENDINGS,
  },
  CLOUD_DENIED: {
    provokedBy: 'Credentials that have expired or are not accepted, or that lack the permission for a call.',
    check: [
      '`aws sts get-caller-identity` tells who is asking; for Spot look at the token’s role and account.',
      'The README lists every permission; `npx elastigroup-bluegreen plan SPEC` lists those that this spec needs.',
      'A clock that is minutes off is denied as well: then the hint says by how much.',
    ],
    facts: { ...ANSWERED, code: 'the service’s own code' },
    endings: ENDINGS,
  },
  CLOUD_NOT_FOUND: {
    provokedBy: 'An Elastigroup, an application, a deployment group or a target group that the service does not know.',
    check: [
      'A name in another region or account is not found either: compare `aws.region` and `spot.accountId`.',
      '`aws deploy list-deployment-groups --application-name APP` lists what CodeDeploy knows.',
    ],
    facts: { ...ANSWERED, code: 'the service’s own code' },
    endings: ENDINGS,
  },
  CLOUD_THROTTLED: {
    provokedBy: 'A service that goes on saying that there are too many calls for as long as one is retried.',
    check: [
      'Limits are per account and region: what else polls there, consoles and monitoring included?',
      'Look less often: `polling`, [options.md](options.md). Then run it again, or resume it where it is `suspended`.',
    ],
    facts: { ...ANSWERED, code: 'the service’s own code' },
    endings: ENDINGS,
  },
  CLOUD_UNAVAILABLE: {
    provokedBy: 'A service that answers 5xx, or cannot be reached, for as long as a call is retried.',
    check: [
      'From the same machine: `curl -sI https://codedeploy.REGION.amazonaws.com` or `curl -sI https://api.spotinst.io`. A proxy, a security group, DNS?',
      'https://health.aws.amazon.com and Spot’s status page tell of outages.',
      'A release that was under way has waited first: waits outlast short outages.',
    ],
    facts: ANSWERED,
    endings: ENDINGS,
  },
  CLOUD_TIMED_OUT: {
    provokedBy:
      'A service that takes a call and does not answer it within `timeouts.call`, each time that it is tried.',
    check: [
      'Mostly the network between: a proxy or a firewall that drops connections without a word.',
      'A service that is only slow needs `timeouts.call` raised.',
    ],
    facts: CALL,
    endings: ENDINGS,
  },
  CLOUD_ANSWER_INVALID: {
    provokedBy: 'An answer that is no JSON or XML, or lacks what its contract promises: mostly a proxy’s own page.',
    check: [
      'Does something stand between, which answers with a page of its own? `curl -si URL` from the same machine shows it.',
      'Otherwise report it, with the request id and the message.',
    ],
    facts: { ...ANSWERED },
    endings: ENDINGS,
  },
  OPERATION_UNCLEAR: {
    provokedBy:
      'The answer to a call that changes something is lost, and for a minute the service does not show what became of it.',
    check: [
      'The message names the call. Did CodeDeploy get its deployment? `aws deploy list-deployments --application-name APP --deployment-group-name GROUP` lists them; in `aws deploy get-deployment --deployment-id D --query deploymentInfo.description` ours has the rollout’s id and a number, `ID#1`.',
      'What the call may have done was taken back with the rest; the receipt says what could not be looked at.',
    ],
    facts: { call: 'the call', token: 'by what its work is found again', key: 'its name in the journal' },
    who: 'whoever is on call, to look whether the receipt has a line that differs',
    endings: ['rolled-back', 'failed'],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorGuide>>;
