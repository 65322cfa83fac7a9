import type { CodeDeploy, CodeDeployDeployment } from '../ports/code-deploy.js';
import type { DeploymentGroupRef } from '../ports/elastigroups.js';
import type { Json } from '../internal/json.js';
import { keptCodeDeployTarget, keptDeployment, keptFilter, keptGroup } from './kept-answers.js';
import { quietly, quietlyDone } from './quietly.js';
import { noteCall } from './trace-calls.js';
import type { TraceGround } from './trace-clouds.js';

export function traceCodeDeploy(codeDeploy: CodeDeploy, ground: TraceGround): CodeDeploy {
  const { sightings, greenKeys } = ground;
  const deployments = (answer: readonly CodeDeployDeployment[]): void =>
    quietly(() => {
      const told = answer.map((one) => ({ subject: one.codeDeployDeploymentId, now: keptDeployment(ground, one) }));
      sightings.saw('codedeploy', 'state', told);
    });
  const order = <T>(operation: string, subject: string, what: Json, send: () => Promise<T>): Promise<T> =>
    noteCall({ cloud: 'codedeploy', operation, subjects: [subject], order: what }, ground, send);
  return {
    async readDeploymentGroup(group, call) {
      const answer = await codeDeploy.readDeploymentGroup(group, call);
      quietly(() => {
        const subject = nameOf(group);
        sightings.saw('codedeploy', 'filter', [{ subject, now: keptFilter(ground, answer) }]);
        sightings.saw('codedeploy', 'settings', [{ subject, now: keptGroup(answer) }]);
      });
      return answer;
    },
    readMinimumHealthyHosts: (name, call) => codeDeploy.readMinimumHealthyHosts(name, call),
    async listDeploymentsSince(group, sinceMs, call) {
      const answer = await codeDeploy.listDeploymentsSince(group, sinceMs, call);
      deployments(answer);
      return answer;
    },
    async listActiveDeployments(group, call) {
      const answer = await codeDeploy.listActiveDeployments(group, call);
      deployments(answer);
      return answer;
    },
    async readDeployment(id, call) {
      const answer = await codeDeploy.readDeployment(id, call);
      deployments([answer]);
      return answer;
    },
    async listTargets(id, call) {
      const targets = await codeDeploy.listTargets(id, call);
      await quietlyDone(() =>
        sightings.sawAll('codedeploy', 'target', targets, (target) => ({
          subject: `${id}/${target.instanceId}`,
          now: keptCodeDeployTarget(target),
        })),
      );
      return targets;
    },
    createDeployment: (deployment, call) =>
      noteCall(
        {
          cloud: 'codedeploy',
          operation: 'createDeployment',
          subjects: [nameOf(deployment)],
          order: { greenTags: deployment.targetTags.every(({ key }) => greenKeys.has(key)) },
        },
        ground,
        () => codeDeploy.createDeployment(deployment, call),
        ({ codeDeployDeploymentId }) => codeDeployDeploymentId,
      ),
    continueDeployment: (id, wait, call) =>
      order('continueDeployment', id, wait, () => codeDeploy.continueDeployment(id, wait, call)),
    stopDeployment(id, { rollBack }, call) {
      // What went out is known as it goes out, and noted when it has ended.
      const sent = { rollBack: rollBack === true };
      const asked = (): boolean => (sent.rollBack = typeof rollBack === 'boolean' ? rollBack : rollBack());
      return order('stopDeployment', id, sent, () => codeDeploy.stopDeployment(id, { rollBack: asked }, call));
    },
  };
}

const nameOf = ({ applicationName, deploymentGroupName }: DeploymentGroupRef): string =>
  `${applicationName}/${deploymentGroupName}`;
