import type { CloudTrace } from '../../trace/cloud-trace.js';
import { UNDOCUMENTED } from '../options.js';
import { History } from './history.js';
import {
  judgeBusyWording,
  judgeFilterAfterSuccess,
  judgeStatusInTerminationWait,
  judgeTargetOfSilentAgent,
} from './judge-code-deploy.js';
import {
  judgeDetachWithoutDecrement,
  judgeHealingDuringMode,
  judgeMaximumDuringMode,
  judgeTargetDuringMode,
} from './judge-fleet.js';
import { judgeWhenDeploymentFails } from './judge-going-back.js';
import {
  judgeFinishedMode,
  judgeGreenTagsAfterFinish,
  judgeStopMode,
  judgeSuspensionsAfterMode,
} from './judge-mode-end.js';
import {
  judgeFailedBeforeSpotLooks,
  judgeModeTimeoutUnit,
  judgeRegistersAtLaunch,
  judgeSecondMode,
} from './judge-mode-start.js';
import type { Judge, Question } from './judgement.js';

/** What a trace says about one undocumented option of the simulated cloud. */
export interface TraceVerdict {
  readonly question: Question;
  /** The values that what was seen does not rule out. */
  readonly fits: readonly string[];
  /**
   * `answered`: one value fits. `narrowed`: some are ruled out. `not-seen`: nothing was seen that would tell. `no-such-value`:
   * none fits; the cloud does something that the simulated one cannot.
   */
  readonly verdict: 'answered' | 'narrowed' | 'not-seen' | 'no-such-value';
  /** What was seen, in words. */
  readonly because: string;
}

/** A question without a judge does not compile. */
const JUDGES: { readonly [Q in Question]: Judge } = {
  whenDeploymentFails: judgeWhenDeploymentFails,
  stopMode: judgeStopMode,
  finishedMode: judgeFinishedMode,
  healingDuringMode: judgeHealingDuringMode,
  registersAtLaunchDuringMode: judgeRegistersAtLaunch,
  greenTagsAfterFinish: judgeGreenTagsAfterFinish,
  modeTimeoutUnit: judgeModeTimeoutUnit,
  targetDuringMode: judgeTargetDuringMode,
  maximumDuringMode: judgeMaximumDuringMode,
  detachWithoutDecrement: judgeDetachWithoutDecrement,
  secondMode: judgeSecondMode,
  failedBeforeSpotLooks: judgeFailedBeforeSpotLooks,
  suspensionsAfterMode: judgeSuspensionsAfterMode,
  filterAfterSuccess: judgeFilterAfterSuccess,
  statusInTerminationWait: judgeStatusInTerminationWait,
  busyWording: judgeBusyWording,
  targetOfSilentAgent: judgeTargetOfSilentAgent,
};

/**
 * Compares what the clouds did during a real rollout with what the simulated cloud can do: for every undocumented option,
 * which values go together with the trace. Rules a value out only by what was seen; what the looks may have missed rules
 * nothing out.
 *
 * @example
 * ```ts
 * import { BlueGreen, FileStore } from 'elastigroup-bluegreen';
 * import { compareTrace } from 'elastigroup-bluegreen/testing';
 *
 * async function tell(id: string): Promise<void> {
 *   const blueGreen = new BlueGreen({ store: new FileStore('.rollouts') });
 *   const answers = compareTrace(await blueGreen.trace(id));
 *   console.log(answers.stopMode.verdict, answers.stopMode.fits, answers.stopMode.because);
 *   await blueGreen.close();
 * }
 * console.log(tell.name);
 * ```
 */
export function compareTrace(trace: CloudTrace): { readonly [Q in Question]: TraceVerdict } {
  const history = new History(trace);
  const verdicts = Object.entries(JUDGES).map(([question, judge]): [string, TraceVerdict] => {
    const { fits, because } = judge(history);
    const verdict = verdictOf(fits.length, UNDOCUMENTED[question as Question].length);
    return [question, { question: question as Question, fits, verdict, because }];
  });
  return Object.fromEntries(verdicts) as { readonly [Q in Question]: TraceVerdict };
}

function verdictOf(fits: number, values: number): TraceVerdict['verdict'] {
  if (fits === 0) return 'no-such-value';
  if (fits === 1) return 'answered';
  return fits < values ? 'narrowed' : 'not-seen';
}
