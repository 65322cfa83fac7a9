import type { ErrorCode } from '../error-codes.js';
import type { ErrorGuide } from '../error-guide.js';

/** What was given to the library is wrong. */
export const GIVEN_GUIDE = {
  SPEC_INVALID: {
    provokedBy: 'A spec with a field too many, a field missing, or a value that its kind does not allow.',
    check: [
      'Each line of the message is one field: what was found, and what is allowed.',
      '[kinds.md](kinds.md) has every field; editors that know JSON schemas take `specJsonSchema`.',
    ],
    facts: { problems: 'a list of `field`, `found` and `allowed`' },
    endings: ['usage'],
  },
  OPTIONS_INVALID: {
    provokedBy: 'An option, or an argument of a call, that is of the wrong type, out of range, or not known.',
    check: [
      'The message has the option, what was found and what is allowed; [options.md](options.md) has all of them.',
      'On the command line it is the module that `--config` names.',
    ],
    facts: { field: 'the option, where it is one that has a name' },
    endings: ['usage', 'refused', 'suspended'],
  },
  CREDENTIALS_MISSING: {
    provokedBy: 'No token in `spot.token`, in SPOTINST_TOKEN or in ~/.spotinst/credentials when Spot is asked first.',
    check: [
      'The message lists the places that were looked at, and what was found there.',
      'In a pipeline: is the secret handed to this very step? `test -n "$SPOTINST_TOKEN" && echo set` does not print it.',
    ],
    facts: {},
    endings: ['refused', 'rolled-back', 'failed', 'suspended', 'error'],
  },
  PREFLIGHT_REFUSED: {
    provokedBy:
      'A setting of the Elastigroup or the deployment group, or the state of what serves, with which the release could not end well.',
    check: [
      'Each finding has what was found and the setting that mends it; all of them are told at once.',
      '`npx elastigroup-bluegreen plan SPEC` asks the same questions and changes nothing: run it until it is content.',
    ],
    facts: { findings: 'a list of `check`, `found` and `fix`; absent where the message alone says it' },
    endings: ['refused', 'rolled-back'],
  },
  ROLLOUT_ID_TAKEN: {
    provokedBy: 'A release with the id of a rollout that is in the store already, and with another spec.',
    check: [
      '`npx elastigroup-bluegreen status ID` tells what the rollout of that id is, and how it ended.',
      'A pipeline that builds its ids from a build number needs the attempt in them as well, where a spec can change between.',
    ],
    facts: {},
    endings: ['usage'],
  },
  ROLLOUT_UNKNOWN: {
    provokedBy: 'A call about a rollout, with an id that the store does not have.',
    check: [
      '`npx elastigroup-bluegreen status` lists the rollouts of the store: the same `--store`, or `--config`, as at the start?',
      'A MemoryStore forgets everything with its process.',
    ],
    facts: {},
    endings: ['error'],
  },
  HOOK_MISSING: {
    provokedBy: 'A resume without a hook, a check or a policy that the rollout was started with.',
    check: [
      'Resume with the `--config` of the start; names must be the same.',
      '`npx elastigroup-bluegreen resume ID --allow-missing NAME` goes on without one, for good.',
    ],
    facts: { hooks: 'the names of the missing hooks, each after its stage; or `checks`, or `policies`' },
    endings: ['suspended', 'usage'],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorGuide>>;
