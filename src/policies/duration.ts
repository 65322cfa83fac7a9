import { BlueGreenError } from '../errors/blue-green-error.js';

const UNITS_MS = Object.freeze({ ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 });

/**
 * A length of time: a number of milliseconds, or a number with its unit.
 *
 * @example
 * ```ts
 * import type { Duration } from 'elastigroup-bluegreen';
 * const bake: Duration = '15m';
 * const settle: Duration = 60_000;
 * console.log(bake, settle);
 * ```
 */
export type Duration = number | `${number}${keyof typeof UNITS_MS}`;

const TEXT = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const ALLOWED = "a number of milliseconds from 0 up, or a number with its unit: '500ms', '90s', '15m', '2h' or '1d'";

/**
 * Milliseconds of a duration, whole ones.
 *
 * `field` is the name that the reader of the error knows the value by.
 *
 * @throws OPTIONS_INVALID for whatever is not a duration; a bare `'15'` is none, because nobody can tell its unit.
 */
export function parseDuration(value: number | string, field: string): number {
  const ms = typeof value === 'number' ? value : msOfText(value);
  if (ms !== undefined && ms >= 0 && Number.isSafeInteger(Math.round(ms))) return Math.round(ms);
  throw new BlueGreenError('OPTIONS_INVALID', `${field} is ${describe(value)}; allowed is ${ALLOWED}`, {
    details: { field },
  });
}

function msOfText(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const [, count, unit] = TEXT.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 40)}'`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return String(value);
}

/** A length of time for people: `350 ms`, `90 s`, `15 min`, `2 h 30 min`. Exact to a second from two minutes up. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return ms > 0 ? 'for ever' : `${ms} ms`;
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < UNITS_MS.s) return `${Math.round(ms)} ms`;
  if (ms < 2 * UNITS_MS.m) return `${Number((ms / UNITS_MS.s).toFixed(1))} s`;
  const seconds = Math.round(ms / UNITS_MS.s);
  const minutes = Math.floor(seconds / 60);
  const restOfMinute = [seconds % 60, 's'] as const;
  // Nobody reads `1 h 30 min` faster than `90 min`.
  if (minutes <= 120) return join([[minutes, 'min'], restOfMinute]);
  const hours = Math.floor(minutes / 60);
  return join([[Math.floor(hours / 24), 'd'], [hours % 24, 'h'], [minutes % 60, 'min'], restOfMinute]);
}

function join(parts: readonly (readonly [number, string])[]): string {
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count} ${unit}`])).join(' ');
}
