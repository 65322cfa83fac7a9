import { CloudError, type CloudFailure } from '../errors/cloud-error.js';
import type { Call } from '../ports/call.js';
import type { Clock } from '../ports/clock.js';
import type { CodeDeployDeployment } from '../ports/code-deploy.js';

/** How CodeDeploy is asked. */
export interface DeploymentSource {
  /** One by itself, in the service's own words where there is none. */
  alone(id: string, call: Call | undefined): Promise<CodeDeployDeployment>;
  /** Up to 25; those that do not exist are left out. */
  together(ids: readonly string[], call: Call): Promise<readonly CodeDeployDeployment[]>;
  /** Whether one that is asked for by itself would have to wait for the limit of the account. */
  wouldWait(): boolean;
}

/** CodeDeploy answers about no more than this many at a time. */
const BATCH = 25;
/** So many deployments read within a minute are the deployments of several rollouts. */
const SEVERAL = 3;
const LATELY_MS = 60_000;
/** As if the limit of reading one held for reading several too: no more than 40 a minute, however many rollouts there are. */
const WINDOW_MS = 1_500;

/** What is the fault of one of those that were asked for together, or of asking together. */
const NOT_OF_ALL: ReadonlySet<CloudFailure['kind']> = new Set(['not-found', 'refused', 'malformed', 'denied']);

interface Reader {
  readonly id: string;
  readonly call: Call | undefined;
  readonly resolve: (found: CodeDeployDeployment | Promise<CodeDeployDeployment>) => void;
  readonly reject: (error: unknown) => void;
}

interface Batch {
  readonly readers: Set<Reader>;
  /** Nobody waits for the answer any more. */
  readonly gone: AbortController;
  /** Ends the gathering. */
  readonly gathered: AbortController;
}

const ENOUGH = Object.freeze({ enough: true });

/**
 * Reads deployments, one by one or together: CodeDeploy allows few reads of a single deployment in an account, so where
 * several rollouts read at the same time, what falls into one short window goes out as one request.
 */
export class DeploymentReads {
  readonly #clock: Clock;
  readonly #source: DeploymentSource;
  /** When each was last asked for, the latest last. */
  readonly #lately = new Map<string, number>();
  #gathering: Batch | undefined;

  constructor(clock: Clock, source: DeploymentSource) {
    this.#clock = clock;
    this.#source = source;
  }

  async read(id: string, call: Call | undefined): Promise<CodeDeployDeployment> {
    call?.signal?.throwIfAborted();
    const several = this.#readLately(id) >= SEVERAL;
    if (!several && this.#gathering === undefined && !this.#source.wouldWait()) return this.#source.alone(id, call);
    return new Promise((resolve, reject) => {
      const batch = (this.#gathering ??= this.#gather());
      const reader: Reader = { id, call, ...settling(batch, call?.signal, resolve, reject, () => reader) };
      batch.readers.add(reader);
      if (idsOf(batch).length >= BATCH) this.#close(batch);
    });
  }

  #readLately(id: string): number {
    const now = this.#clock.now();
    this.#lately.delete(id);
    this.#lately.set(id, now);
    for (const [other, at] of this.#lately) {
      if (at > now - LATELY_MS) break;
      this.#lately.delete(other);
    }
    return this.#lately.size;
  }

  #gather(): Batch {
    const batch: Batch = { readers: new Set(), gone: new AbortController(), gathered: new AbortController() };
    batch.gone.signal.addEventListener('abort', () => this.#close(batch), { once: true });
    const send = (): void => {
      this.#close(batch);
      void this.#send(batch);
    };
    this.#clock.sleep(WINDOW_MS, batch.gathered.signal).then(send, send);
    return batch;
  }

  #close(batch: Batch): void {
    if (this.#gathering === batch) this.#gathering = undefined;
    batch.gathered.abort(ENOUGH);
  }

  async #send(batch: Batch): Promise<void> {
    const ids = idsOf(batch);
    if (ids.length === 0) return;
    let found: ReadonlyMap<string, CodeDeployDeployment>;
    try {
      const all = await this.#source.together(ids, { signal: batch.gone.signal });
      found = new Map(all.map((one) => [one.codeDeployDeploymentId, one]));
    } catch (error) {
      if (!CloudError.is(error) || !NOT_OF_ALL.has(error.failure.kind)) {
        for (const reader of [...batch.readers]) reader.reject(error);
        return;
      }
      found = new Map();
    }
    for (const { id, call, resolve } of [...batch.readers]) resolve(found.get(id) ?? this.#source.alone(id, call));
  }
}

/** The two ways in which a read ends with its batch, and the third: its caller goes away. */
function settling(
  { readers, gone }: Batch,
  signal: AbortSignal | undefined,
  resolve: Reader['resolve'],
  reject: Reader['reject'],
  self: () => Reader,
): Pick<Reader, 'resolve' | 'reject'> {
  const end = (): void => {
    signal?.removeEventListener('abort', abort);
    readers.delete(self());
  };
  const abort = (): void => {
    end();
    reject(signal?.reason);
    if (readers.size === 0) gone.abort(ENOUGH);
  };
  signal?.addEventListener('abort', abort, { once: true });
  return {
    resolve: (found) => {
      end();
      resolve(found);
    },
    reject: (error) => {
      end();
      reject(error);
    },
  };
}

function idsOf({ readers }: Batch): readonly string[] {
  return [...new Set([...readers].map(({ id }) => id))];
}
