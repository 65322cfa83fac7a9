import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { optionTable } from './option-tables.js';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const page = readFileSync(at('docs/options.md'), 'utf8');
const TABLE = /<!-- table: (\S+) (\S+) -->\n[\s\S]*?<!-- end -->/g;

describe('docs/options.md', () => {
  it('has every option of the source, with its default', async () => {
    const current = page.replace(
      TABLE,
      (_, file: string, type: string) =>
        `<!-- table: ${file} ${type} -->\n${optionTable(at(file), type)}\n<!-- end -->`,
    );
    await expect(current).toMatchFileSnapshot(at('docs/options.md'));
  });

  it('has a table for every type of options', () => {
    const tables = [...page.matchAll(TABLE)].map(([, , type]) => type);
    expect(tables.sort()).toEqual(
      [
        'AdaptivePollingOptions',
        'AwsOptions',
        'BlueGreenOptions',
        'CallOptions',
        'Check',
        'CodeDeployRelease',
        'ElastigroupSpec',
        'ExponentialBackoffOptions',
        'FixedPollingOptions',
        'FixedTimeoutsOptions',
        'GateSpec',
        'RetryBudgetOptions',
        'RetryRule',
        'SpotClientOptions',
      ].sort(),
    );
  });
});
