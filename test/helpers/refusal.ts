import { expect } from 'vitest';
import type { BlueGreenErrorJson } from '../../src/errors/blue-green-error.js';
import type { SimulatedCloud } from '../../src/testing/index.js';
import { SHOP } from '../../src/testing/index.js';
import type { Finding } from '../../src/steps/findings.js';
import { release, type ReleaseStory } from './release.js';

export interface Refusal {
  readonly cloud: SimulatedCloud;
  readonly error: BlueGreenErrorJson;
  /** Empty where a cloud's own no is the error. */
  readonly findings: readonly Finding[];
}

/** Runs a release that must not start, and proves from the cloud alone that nothing was touched. */
export async function refusal(story: ReleaseStory): Promise<Refusal> {
  const before: Array<{ readonly truth: unknown; readonly capacity: unknown }> = [];
  const { cloud, result, mutations } = await release({
    ...story,
    prepare: (made) => {
      story.prepare?.(made);
      before.push(truthOf(made));
    },
  });
  expect(result.outcome).toBe('refused');
  expect(mutations).toEqual([]);
  expect(truthOf(cloud)).toEqual(before[0]);
  expect(cloud.traffic.failed).toBe(0);
  if (result.error === undefined) throw new Error('a refusal without an error');
  const { findings = [] } = (result.error.details ?? {}) as { findings?: readonly Finding[] };
  return { cloud, error: result.error, findings };
}

/** A refusal for exactly one reason. */
export async function soleFinding(story: ReleaseStory): Promise<Finding> {
  const { error, findings } = await refusal(story);
  expect(error.code).toBe('PREFLIGHT_REFUSED');
  expect(findings).toHaveLength(1);
  const [finding] = findings;
  if (finding === undefined) throw new Error('a refusal without a finding');
  // What a person reads says both: what was found, and what to do.
  expect(error.message).toContain(finding.found);
  expect(error.message).toContain(finding.fix);
  return finding;
}

function truthOf(cloud: SimulatedCloud): { readonly truth: unknown; readonly capacity: unknown } {
  const { at: _at, ...truth } = cloud.snapshot();
  return { truth, capacity: { ...cloud.elastigroups.read(SHOP.elastigroupId).settings.capacity } };
}
