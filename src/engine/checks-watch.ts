import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { askInTime, wordsOf } from './ask-in-time.js';
import type { CheckAnswer, CheckOutcome, GivenCheck } from './checks.js';
import type { HookFacts } from './hooks.js';
import type { StepContext } from './step.js';

interface Said {
  readonly answer: CheckAnswer;
  readonly because?: string;
}

/** Asks checks when they are due, and keeps what they said: in memory alone, so that a resumed rollout asks them anew. */
export class ChecksWatch {
  readonly #outcomes = new Map<string, CheckOutcome>();

  constructor(
    readonly checks: readonly GivenCheck[],
    private readonly clock: Clock,
    private readonly logger: Logger | undefined,
  ) {}

  /** Asks those whose time has come, all at once, and answers what each has said last. */
  async ask(context: StepContext, facts: () => Promise<HookFacts>): Promise<readonly CheckOutcome[]> {
    const now = context.now();
    const due = this.checks.filter(({ name }) => (this.#outcomes.get(name)?.nextAt ?? now) <= now);
    if (due.length > 0) {
      const told = await facts();
      await Promise.all(
        due.map(async (check) => {
          const said = await this.#askOne(check, context, told);
          this.#outcomes.set(check.name, outcomeOf(check, said, this.#outcomes.get(check.name), context.now()));
        }),
      );
    }
    return this.checks.flatMap(({ name }) => this.#outcomes.get(name) ?? []);
  }

  async #askOne(check: GivenCheck, context: StepContext, told: HookFacts): Promise<Said> {
    const { name, timeoutMs } = check;
    const { rolloutId } = context;
    const key = `${rolloutId}/check/${name}`;
    const asked = askInTime(this.clock, timeoutMs, context.signal, (signal) =>
      check.run({ key, rolloutId, name, signal, logger: this.logger, ...told }),
    );
    try {
      const heard = await asked.heard;
      if ('said' in heard) return understood(heard.said);
      const because = 'threw' in heard ? wordsOf(heard.threw) : `it did not answer within ${timeoutMs} ms`;
      return { answer: 'fail', because };
    } finally {
      asked.over();
    }
  }
}

function outcomeOf(check: GivenCheck, said: Said, before: CheckOutcome | undefined, at: number): CheckOutcome {
  const { name, failureLimit, intervalMs } = check;
  const so = before?.failures ?? 0;
  const failures = said.answer === 'pass' ? 0 : said.answer === 'fail' ? so + 1 : so;
  return {
    name,
    latest: said.answer,
    because: said.because,
    failures,
    mostFailures: Math.max(failures, before?.mostFailures ?? 0),
    failureLimit,
    nextAt: at + intervalMs,
  };
}

function understood(answer: unknown): Said {
  if (answer === 'pass' || answer === 'fail' || answer === 'wait') return { answer };
  const found = JSON.stringify(answer)?.slice(0, 200) ?? typeof answer;
  return { answer: 'fail', because: `it answered ${found}, which is none of pass, fail and wait` };
}
