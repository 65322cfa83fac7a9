/** One promise of the project with the figure that was measured against it. */
export interface Bar {
  readonly what: string;
  readonly found: number;
  readonly allowed: number;
  readonly unit: string;
}

export const isMet = ({ found, allowed }: Bar): boolean => found <= allowed;

export function barLine(bar: Bar): string {
  const figure = (value: number): string => `${Number.isInteger(value) ? value : value.toFixed(3)}${bar.unit}`;
  return `${isMet(bar) ? 'met   ' : 'missed'}  ${bar.what}: ${figure(bar.found)} (bar ≤ ${figure(bar.allowed)})`;
}

/** The value below which that share of them lies, by nearest rank; of none, NaN, which meets no bar. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** Columns as wide as their widest cell: the first to the left, figures to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    widths
      .map((width, column) => (column === 0 ? (row[0] ?? '').padEnd(width) : (row[column] ?? '').padStart(width)))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
