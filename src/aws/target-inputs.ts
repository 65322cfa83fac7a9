import type { CreateTagsCommandInput } from '@aws-sdk/client-ec2';
import type { RegisterTargetsCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Tag } from '../ports/elastigroups.js';

/** What RegisterTargets and DeregisterTargets are sent. */
export function targetsInput(targetGroupArn: string, instanceIds: readonly string[]): RegisterTargetsCommandInput {
  return { TargetGroupArn: targetGroupArn, Targets: instanceIds.map((Id) => ({ Id })) };
}

/** What CreateTags is sent. */
export function tagsInput(instanceIds: readonly string[], tags: readonly Tag[]): CreateTagsCommandInput {
  return { Resources: [...instanceIds], Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
}
