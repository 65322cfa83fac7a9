import type { Fault } from 'elastigroup-bluegreen/testing';

/** What the demo can let go wrong, by the name that `--fault` takes. */
export const DEMO_FAULTS: Readonly<Record<string, { readonly story: string; readonly faults: readonly Fault[] }>> = {
  'script-fails': {
    story: 'the new version does not start on one of the green instances',
    faults: [
      {
        fault: 'script-fails',
        event: 'ApplicationStart',
        instance: 1,
        scriptName: 'scripts/start.sh',
        message: 'Script at specified location: scripts/start.sh failed with exit code 1',
        logTail: [
          'LifecycleEvent - ApplicationStart',
          'Script - scripts/start.sh',
          '[stdout]starting shop 412',
          '[stderr]Error: DATABASE_URL is not set',
        ].join('\n'),
      },
    ],
  },
  interruption: {
    story: 'AWS reclaims a green instance in the middle of its installation',
    faults: [{ fault: 'interruption', colour: 'green', instance: 0, event: 'Install' }],
  },
  'lost-answer': {
    story: 'the answers to "enter deployment mode" and "create deployment" are lost on their way back',
    faults: [
      { fault: 'lost-answer', on: { service: 'spot', operation: 'enterDeploymentMode' } },
      { fault: 'lost-answer', on: { service: 'codedeploy', operation: 'CreateDeployment' } },
    ],
  },
  'blue-not-removed': {
    story: 'Spot never takes the old instances away',
    faults: [{ fault: 'blue-not-removed' }],
  },
};
