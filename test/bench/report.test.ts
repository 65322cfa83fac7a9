import { describe, expect, it } from 'vitest';
import { busiestMinute } from '../../bench/calls.js';
import { packagesAmong } from '../../bench/import-child.js';
import { barLine, isMet, median, quantile, table } from '../../bench/report.js';

describe('the figures of the bench', () => {
  it('takes the middle of odd and even numbers of values, whatever their order', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('takes quantiles by nearest rank, the worst included', () => {
    expect(quantile([5, 1, 4, 2, 3], 0.1)).toBe(1);
    expect(quantile([5, 1, 4, 2, 3], 0.9)).toBe(5);
  });

  it('meets a bar exactly on it, and misses it where nothing was measured', () => {
    const bar = { what: 'x', allowed: 0.8, unit: ' ×' };
    expect(barLine({ ...bar, found: 0.8 })).toBe('met     x: 0.800 × (bar ≤ 0.800 ×)');
    expect(barLine({ ...bar, found: 0.81 })).toMatch(/^missed/);
    expect(isMet({ ...bar, found: median([]) })).toBe(false);
  });

  it('aligns names to the left and figures to the right', () => {
    expect(
      table(
        ['', 'ms'],
        [
          ['long name', '1'],
          ['b', '10'],
        ],
      ),
    ).toBe('           ms\n---------  --\nlong name   1\nb          10');
  });

  it('finds the busiest minute wherever it begins', () => {
    expect(busiestMinute([0, 50_000, 70_000, 100_000, 109_999, 200_000])).toBe(4);
    expect(busiestMinute([])).toBe(0);
  });

  it('names packages by their own name, scoped and nested ones too', () => {
    expect(
      packagesAmong([
        'file:///work/dist/index.js',
        'file:///work/node_modules/axios/index.js',
        '/work/node_modules/@aws-sdk/client-ec2/node_modules/@smithy/core/dist/index.js',
        'node:fs',
        '',
      ]),
    ).toEqual(['@smithy/core', 'axios']);
  });
});
