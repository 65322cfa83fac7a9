import { describe, expect, it } from 'vitest';
import type { CodeDeployTarget, LifecycleEvent } from '../../src/ports/code-deploy.js';
import { releaseProgress } from '../../src/steps/release-progress.js';

const CREATED = Date.parse('2026-03-01T10:00:00Z');
const at = (seconds: number): string => new Date(CREATED + seconds * 1000).toISOString();
const over = (name: string, from: number, to: number): LifecycleEvent => ({
  name,
  status: 'Succeeded',
  startedAt: at(from),
  endedAt: at(to),
});
const underWay = (name: string, from: number): LifecycleEvent => ({ name, status: 'InProgress', startedAt: at(from) });
const pending = (...names: readonly string[]): readonly LifecycleEvent[] =>
  names.map((name) => ({ name, status: 'Pending' }));
const target = (colour: 'Green' | 'Blue', ...events: readonly LifecycleEvent[]): CodeDeployTarget => ({
  instanceId: `i-${colour}`,
  colour,
  status: 'InProgress',
  events,
});
const BLUE_TO_COME = target('Blue', ...pending('BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic'));
const progressAt = (seconds: number, targets: readonly CodeDeployTarget[], until: 'ready' | 'end' = 'end') =>
  releaseProgress(targets, CREATED + seconds * 1000, 60_000, until);

describe('how far a release has come', () => {
  it('is not far while CodeDeploy has not decided the targets', () => {
    expect(progressAt(5, [])).toMatchObject({ done: 0, waitLeftMs: 0 });
    expect(progressAt(5, []).ahead).toBeGreaterThan(3);
  });

  it('counts what has to come on green, and then on blue, and the draining as a wait', () => {
    const green = target('Green', over('Install', 0, 8), underWay('AfterInstall', 8), ...pending('AllowTraffic'));
    expect(progressAt(20, [green, BLUE_TO_COME])).toEqual({
      done: 1,
      toDo: 5,
      ahead: 1 + 2,
      presentMs: 12_000,
      typicalMs: 8_000,
      waitLeftMs: 60_000,
    });
  });

  it('goes by the slowest instance', () => {
    const slow = target('Green', underWay('Install', 15), ...pending('AfterInstall', 'ApplicationStart'));
    const fast = target('Green', over('Install', 0, 4), underWay('AfterInstall', 4), ...pending('ApplicationStart'));
    expect(progressAt(20, [fast, slow])).toMatchObject({ ahead: 2, presentMs: 5_000 });
  });

  it('counts the draining down, and knows the end of it', () => {
    const blue = target(
      'Blue',
      over('BeforeBlockTraffic', 30, 31),
      underWay('BlockTraffic', 31),
      ...pending('AfterBlockTraffic'),
    );
    expect(progressAt(51, [blue])).toMatchObject({ ahead: 1, waitLeftMs: 40_000 });
    expect(progressAt(200, [blue])).toMatchObject({ ahead: 1, waitLeftMs: 0 });
  });

  it('learns from an instance that was drained sooner than the target group says', () => {
    const first = target('Blue', over('BlockTraffic', 30, 40), over('AfterBlockTraffic', 40, 41));
    const second = target('Blue', underWay('BlockTraffic', 41), ...pending('AfterBlockTraffic'));
    expect(progressAt(44, [first, second])).toMatchObject({ waitLeftMs: 7_000 });
  });

  it('leaves traffic and blue out where Ready is waited for', () => {
    const green = target('Green', underWay('ValidateService', 10), ...pending('BeforeAllowTraffic', 'AllowTraffic'));
    expect(progressAt(12, [green, BLUE_TO_COME], 'ready')).toMatchObject({ toDo: 1, ahead: 0, waitLeftMs: 0 });
  });
});
