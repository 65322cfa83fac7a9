import * as v from 'valibot';

/** What CodeDeploy is to release, and through which deployment group. */
export type CodeDeployRelease = {
  /** CodeDeploy's application. */
  readonly applicationName: string;
  /** Its deployment group: see the README for how it must be set. */
  readonly deploymentGroupName: string;
  /** The bundle with the new version. Without `bundleType` it is told from the end of `key`. */
  readonly revision:
    | {
        readonly s3: {
          readonly bucket: string;
          readonly key: string;
          /** Left out, it is told from the end of `key`. */
          readonly bundleType?: 'tar' | 'tgz' | 'zip' | undefined;
          readonly version?: string | undefined;
          readonly eTag?: string | undefined;
        };
      }
    | { readonly github: { readonly repository: string; readonly commitId: string } };
  /** Left out, the deployment group's own is used. */
  readonly deploymentConfigName?: string | undefined;
  /** Stands behind the rollout's marker in the deployment's description; cut to what fits into 256 characters. */
  readonly description?: string | undefined;
  /** What happens to files that are there already and belong to no earlier release. @defaultValue CodeDeploy's own, DISALLOW */
  readonly fileExistsBehavior?: 'DISALLOW' | 'OVERWRITE' | 'RETAIN' | undefined;
  /** Whether a failing ApplicationStop of the old version is forgiven. @defaultValue false */
  readonly ignoreApplicationStopFailures?: boolean | undefined;
  /**
   * What to do when another rollout of the same store holds the Elastigroup or the deployment group, or a CodeDeploy deployment
   * is active in it. `fail`: refused at once, with who it is and since when. `wait`: waits for its end, first come, first
   * served; each of the two for four hours at most, unless `timeouts` says otherwise for `await-turn` and
   * `await-deployment-group`. `supersede`: has an earlier rollout of the store taken back by its own rules, or waits for its end
   * where it is past the point of no return; a deployment of anybody else is refused as with `fail`. Under all three an earlier
   * rollout does not go out after a later one has worked.
   * @defaultValue 'fail'
   */
  readonly onAlreadyDeploying?: 'fail' | 'wait' | 'supersede' | undefined;
};

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));
const groupName = v.pipe(v.string(), v.minLength(1), v.maxLength(100));

export const codeDeployReleaseSchema = v.strictObject({
  applicationName: groupName,
  deploymentGroupName: groupName,
  revision: v.union(
    [
      v.strictObject({
        s3: v.strictObject({
          bucket: text,
          key: text,
          bundleType: v.optional(v.picklist(['tar', 'tgz', 'zip'])),
          version: v.optional(text),
          eTag: v.optional(text),
        }),
      }),
      v.strictObject({ github: v.strictObject({ repository: text, commitId: text }) }),
    ],
    '{ s3: { bucket, key, bundleType?, version?, eTag? } } or { github: { repository, commitId } }',
  ),
  deploymentConfigName: v.optional(groupName),
  description: v.optional(v.string()),
  fileExistsBehavior: v.optional(v.picklist(['DISALLOW', 'OVERWRITE', 'RETAIN'])),
  ignoreApplicationStopFailures: v.optional(v.boolean()),
  onAlreadyDeploying: v.optional(v.picklist(['fail', 'wait', 'supersede'])),
});
