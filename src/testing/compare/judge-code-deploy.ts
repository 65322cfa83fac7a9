import { canonicalJson, type Json } from '../../internal/json.js';
import { deploymentsIn } from './deployments.js';
import { seenAt, type History, type Sight } from './history.js';
import { atTime, inSeconds, SECONDS, settle, type Evidence, type Judgement } from './judgement.js';
import { runningModes } from './modes.js';

/** Longer than an agent that lives takes to ask for its first event. */
const SILENT_AFTER_MS = 60 * SECONDS;

/** The deployment group's filter before a release of ours, and after it had succeeded. */
export function judgeFilterAfterSuccess(history: History): Judgement {
  const tags = runningModes(history).map((mode) => mode.tags);
  const evidence = deploymentsIn(history)
    .filter(({ ours }) => ours)
    .flatMap(({ id, sights, createdAt }): ReadonlyArray<Evidence<'filterAfterSuccess'>> => {
      const succeededAt = sights.find(
        ({ value }) => value.status === 'Succeeded' && value.completedAt !== undefined,
      )?.from;
      if (succeededAt === undefined) return [];
      return [...history.all('codedeploy', 'filter').values()].flatMap((filters) => {
        const before = seenAt(filters, createdAt);
        const after = filters.find(({ until }) => until >= succeededAt);
        if (before === undefined || after === undefined) return [];
        const fits = filterAnswers(before.value, after.value, tags);
        return [{ fits, because: `the filter was ${canonicalJson(after.value)} after ${id} had succeeded` }];
      });
    });
  return settle('filterAfterSuccess', evidence, 'the filter was not looked at after a release of ours had succeeded');
}

function filterAnswers(
  before: Json,
  after: Json,
  tags: ReadonlyArray<Readonly<Record<string, string>>>,
): Evidence<'filterAfterSuccess'>['fits'] {
  const isEmpty = (after as readonly Json[]).length === 0;
  return [
    ...(canonicalJson(before) === canonicalJson(after) ? ['unchanged' as const] : []),
    ...(tags.some((each) => selectsExactly(after, each)) ? ['green' as const] : []),
    ...(isEmpty ? ['cleared' as const] : []),
  ];
}

/** One condition on each of green's keys, all of which must hold. */
function selectsExactly(filter: Json, tags: Readonly<Record<string, string>>): boolean {
  const lists = filter as ReadonlyArray<ReadonlyArray<{ readonly key: string; readonly values?: readonly string[] }>>;
  const asked = lists.map((any) => any.map(({ key, values = [] }) => `${key}=${values.join(',')}`).join('|')).sort();
  const wanted = Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .sort();
  return wanted.length > 0 && canonicalJson(asked) === canonicalJson(wanted);
}

/** What CodeDeploy calls a deployment while it keeps blue. */
export function judgeStatusInTerminationWait(history: History): Judgement {
  const evidence = deploymentsIn(history).flatMap(
    ({ id, sights }): ReadonlyArray<Evidence<'statusInTerminationWait'>> => {
      const waits = sights.filter(({ value }) => value.terminationWait === true && value.completedAt === undefined);
      return waits.map(({ value: { status }, from }) => ({
        fits: status === 'InProgress' || status === 'Succeeded' ? [status] : [],
        because: `${id} was ${status} in its termination wait at ${atTime(from)}`,
      }));
    },
  );
  return settle(
    'statusInTerminationWait',
    evidence,
    'no deployment of a group with a termination wait came to that wait',
  );
}

/** How it is said that the deployment group is busy. */
export function judgeBusyWording(history: History): Judgement {
  const evidence = history.calls.flatMap(({ says }): ReadonlyArray<Evidence<'busyWording'>> => {
    if (says === undefined) return [];
    return [
      {
        fits: [
          ...(/already has an active Deployment/i.test(says) ? ['already-has' as const] : []),
          ...(/is already deploying deployment/i.test(says) ? ['already-deploying' as const] : []),
        ],
        because: `CodeDeploy said: ${says}`,
      },
    ];
  });
  return settle('busyWording', evidence, 'no deployment was refused because another one was active');
}

interface TargetState {
  readonly colour: string;
  readonly status: string;
  readonly event?: string;
  readonly eventStatus?: string;
}

/** The status of green whose turn it is, and that has begun nothing for long. */
export function judgeTargetOfSilentAgent(history: History): Judgement {
  const evidence = deploymentsIn(history).flatMap(({ id, sights }) => {
    const green = [...history.all<TargetState>('codedeploy', 'target')].filter(
      ([subject, [first]]) => subject.startsWith(`${id}/`) && first?.value.colour !== 'Blue',
    );
    return sights.filter(({ value }) => value.status === 'InProgress').flatMap((running) => silences(green, running));
  });
  return settle('targetOfSilentAgent', evidence, 'no agent was silent for long before its first event');
}

type Targets = ReadonlyArray<readonly [string, ReadonlyArray<Sight<TargetState>>]>;

/** Of a stretch in which nothing was under way on any green, and one had begun nothing at all. */
function silences(green: Targets, running: Sight<unknown>): ReadonlyArray<Evidence<'targetOfSilentAgent'>> {
  return green.flatMap(([subject, sights]) =>
    sights.flatMap((sight): ReadonlyArray<Evidence<'targetOfSilentAgent'>> => {
      const { status, event } = sight.value;
      if (event !== undefined || (status !== 'InProgress' && status !== 'Pending')) return [];
      const others = green.filter(([other]) => other !== subject).map(([, each]) => seenAt(each, sight.until));
      const still = others.every((other) => other === undefined || !isAtWork(other.value));
      const since = Math.max(sight.from, running.from, ...others.map((other) => other?.from ?? 0));
      const forMs = Math.min(sight.until, running.until) - since;
      if (!still || forMs < SILENT_AFTER_MS) return [];
      const because = `${subject} was ${status} for ${inSeconds(forMs)} without beginning anything`;
      if (status === 'InProgress') return [{ fits: ['InProgress'], because }];
      // One that waits for its turn is Pending either way: then somebody else is at it.
      const turn = others.every(
        (other) => other === undefined || hasBegun(other.value) || other.value.status === 'Pending',
      );
      return turn ? [{ fits: ['Pending'], because }] : [];
    }),
  );
}

const isAtWork = ({ eventStatus }: TargetState): boolean => eventStatus === 'InProgress';
const hasBegun = ({ event }: TargetState): boolean => event !== undefined;
