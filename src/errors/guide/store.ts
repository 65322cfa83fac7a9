import type { ErrorCode } from '../error-codes.js';
import type { ErrorGuide } from '../error-guide.js';

/** The store, and who drives. */
export const STORE_GUIDE = {
  ROLLOUT_CONFLICT: {
    provokedBy: 'A writer that appends to a journal behind which somebody else has written meanwhile.',
    check: [
      'Only who calls a store directly sees it; a rollout reads again, and ends with LEASE_LOST if it was overtaken.',
      'A store of your own must throw it, and nothing else, for that: `checkRolloutStore` tries it.',
    ],
    facts: {
      rolloutId: 'whose journal it is',
      expectedLength: 'how many entries the writer knew',
      length: 'how many there are',
    },
    who: 'nobody',
    endings: ['error', 'suspended'],
  },
  STORE_CORRUPT: {
    provokedBy: 'A line of a journal, or a record, that was edited, cut in the middle or copied from elsewhere.',
    check: [
      'Look at the file and the line that the message names: `sed -n LINEp FILE`. Is the disk full, or is the folder on a network drive?',
      'Restore that file from a backup, then `npx elastigroup-bluegreen status ID`, and `resume` if nobody drives it.',
      'Without a backup look at the clouds themselves: a deployment mode that is still open is ended in the Spot console, and only once the colour that is to stay is healthy.',
    ],
    facts: { path: 'the file', line: 'the line in it, from 1 up' },
    who: 'whoever runs the machine that keeps the rollouts',
    endings: ['error', 'suspended'],
  },
  STORE_FAILED: {
    provokedBy: 'A disk that is full, a folder that is none or may not be written, or a store of your own that throws.',
    check: [
      'Nothing is sent that is not in the store first: whatever was under way goes on in the clouds by their own rules ([durability.md](durability.md)).',
      '`df -h DIR` and `ls -ld DIR` as the user that runs it; mend that, then `npx elastigroup-bluegreen resume ID`.',
    ],
    facts: { path: 'the file, of a FileStore', code: 'the system’s own code, such as ENOSPC' },
    who: 'whoever runs the machine that keeps the rollouts',
    endings: ['error', 'suspended'],
  },
  ALREADY_DRIVEN: {
    provokedBy: 'A resume, or a start with the same id and spec, while another process drives the rollout.',
    check: [
      '`npx elastigroup-bluegreen watch ID` follows it; `abort`, `approve` and `reject` work from here.',
      'If that process is dead its lease has to run out: try again after 90 seconds.',
    ],
    facts: { rolloutId: 'which rollout' },
    who: 'nobody, as long as that process lives',
    endings: ['suspended'],
  },
  LEASE_LOST: {
    provokedBy:
      'A process that could not reach the store for a whole lease, and meanwhile another one resumed the rollout.',
    check: [
      'This process sends nothing more. `npx elastigroup-bluegreen watch ID` shows that the other one goes on.',
      'If it comes back: was the machine asleep, or the store out of reach, for longer than a minute?',
    ],
    facts: { rolloutId: 'which rollout' },
    who: 'nobody',
    endings: ['suspended'],
  },
  ANCHOR_UNREADABLE: {
    provokedBy:
      'A resume in another region or another Spot account, or one that may not see what the rollout captured.',
    check: [
      'The message has the region or the account of the start, and of now. Nothing was judged, and nothing sent.',
      '`aws sts get-caller-identity` and `aws configure get region` tell who you are; set what the start had, then resume.',
    ],
    facts: {},
    endings: ['suspended'],
  },
  PLAN_INCOMPATIBLE: {
    provokedBy: 'A resume by a version of the library in which a step that was already taken means something else.',
    check: [
      'Install the version that started it and resume; `npx elastigroup-bluegreen --version` tells this one.',
      'Or take it back, which every version can: `npx elastigroup-bluegreen abort ID`, then `resume ID`.',
    ],
    facts: { journal: 'the step and its version in the journal', plan: 'the same of this version of the library' },
    who: 'whoever changed the version of this library while a rollout was under way',
    endings: ['suspended', 'error'],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorGuide>>;
