import process from 'node:process';
import type { RolloutEvent } from '../events/events.js';
import type { Clock } from '../ports/clock.js';
import type { Rollout } from '../rollout.js';
import { cleanLine } from './clean-text.js';
import { canRedraw, coloursOf, wantsColour, type Colours } from './colours.js';
import { liveRegion, type LiveFacts } from './live-region.js';
import { dayOf, progressLine } from './progress-line.js';
import { EMPTY_VIEW, viewAfter } from './rollout-view.js';
import { npxCommand, type WholeCommand } from './shell-command.js';

export interface ProgressOptions {
  /** @defaultValue `process.stdout` */
  readonly stream?: NodeJS.WritableStream & {
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
  };
  /** Where NO_COLOR, FORCE_COLOR and TERM are read. @defaultValue `process.env` */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * The clock that the rollout runs by: on a terminal what is left of every limit is then counted down once a second.
   *
   * @defaultValue none: what is left is as of the last event
   */
  readonly clock?: Clock;
  /**
   * How a command that it shows is written: gets the words after the name of the program, such as `['approve', 'shop-412', 'qa']`, and
   * answers those of the whole command line, with the `--store` that the rollout is kept in, say. Quoting for a shell is done here.
   *
   * @defaultValue `npx elastigroup-bluegreen` before them, and nothing after them
   */
  readonly command?: (words: readonly string[]) => readonly string[];
}

const REDRAWN_EVERY_MS = 1_000;

/** What is needed of a rollout to follow it. */
export type FollowedRollout = Pick<Rollout, 'id' | 'events' | 'status'>;

/**
 * Shows a rollout while it runs, and resolves when its events end.
 *
 * On a terminal the last lines are drawn anew with every event: the stage and the step, what it waits for, until when, and
 * what it sees, the release instance by instance, how many of each colour stand, gates that wait for an answer, with the
 * command that gives it. Elsewhere every noteworthy event is one line. Times are UTC. It follows the rollout and does nothing else: it never drives, answers, or keeps the process alive.
 *
 * @example
 * ```ts
 * import { BlueGreen, renderProgress, type RolloutSpec } from 'elastigroup-bluegreen';
 * async function release(blueGreen: BlueGreen, spec: RolloutSpec): Promise<string> {
 *   const rollout = await blueGreen.start(spec);
 *   await renderProgress(rollout, { stream: process.stderr });
 *   return (await rollout.result()).outcome;
 * }
 * ```
 */
export async function renderProgress(rollout: FollowedRollout, options: ProgressOptions = {}): Promise<void> {
  const stream = options.stream ?? process.stdout;
  const env = options.env ?? process.env;
  const colours = coloursOf(wantsColour(stream, env));
  const command = options.command ?? npxCommand;
  const draw = canRedraw(stream, env)
    ? await liveDrawing({ rollout, command }, stream, colours, options.clock)
    : plainDrawing(stream);
  const days = new Set<string>();
  try {
    for await (const event of rollout.events()) {
      const day = dayOf(event.at);
      if (!days.has(day)) draw.line(colours.dim(`${day}, times in UTC`));
      days.add(day);
      const line = progressLine(event, rollout.id, colours, command);
      if (line !== undefined) draw.line(line);
      draw.after(event);
    }
  } finally {
    draw.end();
  }
}

interface Drawing {
  /** Stays. */
  line(text: string): void;
  after(event: RolloutEvent): void;
  end(): void;
}

function plainDrawing(stream: NodeJS.WritableStream): Drawing {
  return { line: (text) => void stream.write(`${text}\n`), after: () => {}, end: () => {} };
}

interface Shown {
  readonly rollout: FollowedRollout;
  readonly command: WholeCommand;
}

async function liveDrawing(
  shown: Shown,
  stream: NonNullable<ProgressOptions['stream']>,
  colours: Colours,
  clock: Clock | undefined,
): Promise<Drawing> {
  const { createLogUpdate } = await import('log-update');
  // The cursor stays visible: nothing has to be given back to the terminal, however the process ends.
  const log = createLogUpdate(stream, { showCursor: true });
  let view = EMPTY_VIEW;
  const draw = (): void => {
    if (view.lastAt === 0 || view.outcome !== undefined) return;
    const { columns = 80, rows } = stream;
    const now = { ...view, lastAt: Math.max(view.lastAt, clock?.now() ?? 0) };
    log(liveRegion(now, factsOf(shown), colours, columns, rows).join('\n'));
  };
  const ended = new AbortController();
  if (clock !== undefined) void redrawOften(draw, clock, ended.signal);
  return {
    // Not its own `persist`, which cuts what is higher than the terminal: the end of a log may be.
    line: (text) => {
      log.clear();
      stream.write(`${text}\n`);
    },
    after: (event) => {
      view = viewAfter(view, event);
      draw();
    },
    end: () => {
      ended.abort();
      log.clear();
      log.done();
    },
  };
}

async function redrawOften(draw: () => void, clock: Clock, ended: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await clock.sleep(REDRAWN_EVERY_MS, ended);
    } catch {
      return;
    }
    draw();
  }
}

function factsOf({ rollout, command }: Shown): LiveFacts {
  const { openGates, spotExpiresAt, finishedAt } = rollout.status();
  // The status may be ahead of the events: what has ended waits for nobody.
  return { id: cleanLine(rollout.id), openGates: finishedAt === undefined ? openGates : [], spotExpiresAt, command };
}
