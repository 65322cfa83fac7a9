import { FileStore } from 'elastigroup-bluegreen';
import type { BlueGreenOptions, ElastigroupSpec } from 'elastigroup-bluegreen';

const NEEDED = [
  'SPOTINST_TOKEN',
  'SPOTINST_ACCOUNT',
  'AWS_REGION',
  'ELASTIGROUP_ID',
  'CODEDEPLOY_APPLICATION',
  'CODEDEPLOY_GROUP',
  'S3_BUCKET',
  'S3_KEY',
  'GREEN_TAG_KEY',
] as const;

type Variable = (typeof NEEDED)[number];

/**
 * What `--real` works with: the account and the release that the environment names. AWS credentials come from AWS's own
 * provider chain. When variables are missing, all of them are named, nothing is touched, and the process exits with 2.
 */
export function realAccount(): { options: BlueGreenOptions; spec: ElastigroupSpec } {
  const missing = NEEDED.filter((name) => !process.env[name]?.trim());
  if (missing.length > 0) {
    console.error(`--real needs the environment variables ${missing.join(', ')}. Nothing was touched.`);
    process.exit(2);
  }
  const variable = (name: Variable): string => process.env[name]?.trim() ?? '';
  return {
    options: {
      spot: { token: variable('SPOTINST_TOKEN'), accountId: variable('SPOTINST_ACCOUNT') },
      aws: { region: variable('AWS_REGION') },
      store: new FileStore('.rollouts'),
    },
    spec: {
      kind: 'elastigroup',
      elastigroupId: variable('ELASTIGROUP_ID'),
      green: { tagKey: variable('GREEN_TAG_KEY') },
      codeDeploy: {
        applicationName: variable('CODEDEPLOY_APPLICATION'),
        deploymentGroupName: variable('CODEDEPLOY_GROUP'),
        revision: { s3: { bucket: variable('S3_BUCKET'), key: variable('S3_KEY') } },
      },
    },
  };
}
