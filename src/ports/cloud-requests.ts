import type { CreateCodeDeployDeployment } from './code-deploy.js';
import type { DeploymentGroupRef, DetachInstances, Tag } from './elastigroups.js';

/** A call that changes something, as it would go out. */
export interface CloudRequest {
  readonly service: 'spot' | 'codedeploy' | 'ec2' | 'elbv2';
  /** For AWS the name of the API's operation; for Spot the port's name of the call. */
  readonly operation: string;
  /** Spot only: method and path, such as `PUT /aws/ec2/group/sig-1a2b3c4d/detachInstances`. */
  readonly route?: string;
  /** For Spot the body of the request, for AWS the operation's input. */
  readonly body?: unknown;
}

/** What the calls of the ports would send, from the same arguments: for showing. Sends nothing. */
export interface CloudRequests {
  enterDeploymentMode(
    elastigroupId: string,
    mode: {
      readonly timeoutMs: number;
      readonly tags: readonly Tag[];
      readonly deploymentGroups: readonly DeploymentGroupRef[];
    },
  ): CloudRequest;
  stopDeploymentMode(elastigroupId: string, deploymentModeId: string): CloudRequest;
  detachInstances(elastigroupId: string, detach: DetachInstances): CloudRequest;
  setCapacity(
    elastigroupId: string,
    capacity: { readonly minimum: number; readonly target: number; readonly maximum: number },
  ): CloudRequest;
  suspendProcesses(
    elastigroupId: string,
    suspensions: ReadonlyArray<{ readonly process: string; readonly ttlMs?: number | undefined }>,
  ): CloudRequest;
  resumeProcesses(elastigroupId: string, processes: readonly string[]): CloudRequest;
  createDeployment(deployment: CreateCodeDeployDeployment): CloudRequest;
  continueDeployment(codeDeployDeploymentId: string, wait: 'READY_WAIT' | 'TERMINATION_WAIT'): CloudRequest;
  stopDeployment(codeDeployDeploymentId: string, options: { readonly rollBack: boolean }): CloudRequest;
  createTags(instanceIds: readonly string[], tags: readonly Tag[]): CloudRequest;
  registerTargets(targetGroupArn: string, instanceIds: readonly string[]): CloudRequest;
  deregisterTargets(targetGroupArn: string, instanceIds: readonly string[]): CloudRequest;
}
