import type { Call } from '../ports/call.js';
import type { ElastigroupRelease } from './elastigroup-release.js';
import type { Finding } from './findings.js';

/** An alarm that does not exist watches nothing, and one that fires already would stop any release. */
export async function checkAlarms({ clouds, spec }: ElastigroupRelease, call: Call): Promise<readonly Finding[]> {
  const names = spec.alarms ?? [];
  if (names.length === 0) return [];
  const found = await clouds.alarms.describeAlarms(names, call);
  const missing = names.filter((name) => !found.some((alarm) => alarm.name === name));
  const firing = found.filter(({ state }) => state === 'ALARM');
  return [
    ...missing.map((name) => ({
      check: 'alarms',
      found: `there is no CloudWatch alarm ${name} in this region`,
      fix: 'Check its name, or leave it out.',
    })),
    ...firing.map(({ name, reason }) => ({
      check: 'alarms',
      found: `${name} is in ALARM already${reason === undefined ? '' : `: ${reason}`}`,
      fix: 'Wait until it is OK again, or leave it out.',
    })),
  ];
}
