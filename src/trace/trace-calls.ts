import { CloudError } from '../errors/cloud-error.js';
import type { Json } from '../internal/json.js';
import type { TraceEntry, TraceWhat } from './cloud-trace.js';
import { quietly } from './quietly.js';
import type { TraceGround } from './trace-clouds.js';

/** How a call ended. `not-sent`: this process was told not to before it went out. */
export type CallEnd = 'answered' | 'refused' | 'unknown' | 'not-sent';

export interface OrderedCall {
  readonly cloud: TraceEntry['cloud'];
  readonly operation: string;
  readonly subjects: readonly string[];
  /** What of its arguments is kept. */
  readonly order?: Json;
}

/** The one refusal of which the service's words are kept: no source says how it is worded. */
const BUSY = 'DeploymentLimitExceededException';
const LONGEST = 200;
/** What an order may change: until when it was as it had been must be told before that. */
const MOVED_BY_ORDERS: ReadonlySet<TraceWhat> = new Set<TraceWhat>(['capacity', 'members', 'suspensions']);

/** Makes the call, and notes that it was made and how it ended. */
export async function noteCall<T>(
  { cloud, operation, subjects, order }: OrderedCall,
  { now, note, sightings }: TraceGround,
  send: () => Promise<T>,
  made: (answer: T) => string | undefined = () => undefined,
): Promise<T> {
  quietly(() => {
    for (const entry of sightings.stillSeen(MOVED_BY_ORDERS)) note(entry);
  });
  const sentAt = new Date(now()).toISOString();
  const tell = (how: { readonly [key: string]: Json | undefined }): void =>
    quietly(() =>
      note({
        at: new Date(now()).toISOString(),
        cloud,
        what: 'call',
        subjects,
        now: { operation, sentAt, ...(order === undefined ? {} : { order }), ...how },
      }),
    );
  try {
    const answer = await send();
    const id = made(answer);
    tell({ ended: 'answered', ...(id === undefined ? {} : { made: id }) });
    return answer;
  } catch (error) {
    tell(endOf(error));
    throw error;
  }
}

function endOf(error: unknown): { readonly ended: CallEnd; readonly code?: string; readonly says?: string } {
  if (!CloudError.is(error)) return { ended: 'not-sent' };
  const { acted, code, message } = error.failure;
  return {
    ended: acted === 'no' ? 'refused' : 'unknown',
    ...(code === undefined ? {} : { code }),
    ...(code === BUSY ? { says: message.slice(0, LONGEST) } : {}),
  };
}
