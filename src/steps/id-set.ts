/** Their ids, where many others are asked for among them; what has no id yet is none of them. */
export function idSetOf(instances: Iterable<{ readonly instanceId: string | null }>): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { instanceId } of instances) if (instanceId !== null) ids.add(instanceId);
  return ids;
}
