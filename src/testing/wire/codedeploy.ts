import type { CodeDeploySimulation } from '../model/code-deploy.js';
import { Refusal } from '../model/parts.js';
import {
  checkedDeploymentId,
  createDeploymentInput,
  deploymentGroupRef,
  deploymentId,
  flag,
  instant,
  type JsonObject,
  object,
  required,
  targetFilters,
  text,
  texts,
} from './codedeploy-requests.js';
import { deploymentConfigShape, deploymentGroupShape, deploymentShape, targetShape } from './codedeploy-shapes.js';
import type { WireRequest, WireResponse, WireService } from './http.js';

const TARGET_PREFIX = 'CodeDeploy_20141006.';
const MOST_AT_ONCE = 25;

type Operation = (model: CodeDeploySimulation, body: JsonObject) => unknown;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  GetDeploymentGroup: (model, body) => {
    const { applicationName, deploymentGroupName } = deploymentGroupRef(body);
    const group = model.groups.get(applicationName, deploymentGroupName);
    return { deploymentGroupInfo: deploymentGroupShape(group, model.lastDeployments(group)) };
  },

  GetDeploymentConfig: (model, body) => {
    const name = required(body, 'deploymentConfigName', 'DeploymentConfigNameRequiredException');
    return { deploymentConfigInfo: deploymentConfigShape(model.groups.config(name)) };
  },

  CreateDeployment: (model, body) => ({ deploymentId: model.createDeployment(createDeploymentInput(body)) }),

  GetDeployment: (model, body) => ({ deploymentInfo: deploymentShape(model.find(deploymentId(body))) }),

  BatchGetDeployments: (model, body) => {
    const ids = texts(body, 'deploymentIds').map(checkedDeploymentId);
    if (ids.length === 0) throw new Refusal('DeploymentIdRequiredException', 'At least one deployment ID is required');
    if (ids.length > MOST_AT_ONCE) {
      throw new Refusal('BatchLimitExceededException', `No more than ${MOST_AT_ONCE} deployments can be asked for`);
    }
    const known = ids.filter((id) => model.deployment(id) !== undefined);
    return { deploymentsInfo: known.map((id) => deploymentShape(model.find(id))) };
  },

  ListDeployments: (model, body) => {
    const named = text(body, 'applicationName') !== undefined || text(body, 'deploymentGroupName') !== undefined;
    const range = object(body, 'createTimeRange') ?? {};
    const page = model.listDeployments(
      named ? deploymentGroupRef(body) : undefined,
      {
        includeOnlyStatuses: texts(body, 'includeOnlyStatuses'),
        createdFrom: instant(range, 'start'),
        createdTo: instant(range, 'end'),
      },
      text(body, 'nextToken'),
    );
    return { deployments: page.ids, nextToken: page.nextToken };
  },

  ListDeploymentTargets: (model, body) => {
    const page = model.listTargets(deploymentId(body), targetFilters(body), text(body, 'nextToken'));
    return { targetIds: page.ids, nextToken: page.nextToken };
  },

  BatchGetDeploymentTargets: (model, body) => {
    const id = deploymentId(body);
    const targetIds = texts(body, 'targetIds');
    if (targetIds.length === 0) {
      throw new Refusal('DeploymentTargetIdRequiredException', 'A deployment target ID was not provided.');
    }
    if (targetIds.length > MOST_AT_ONCE) {
      throw new Refusal(
        'DeploymentTargetListSizeExceededException',
        `No more than ${MOST_AT_ONCE} targets can be asked for`,
      );
    }
    const asked = new Set(targetIds);
    const targets = new Map(
      model
        .startedTargets(id)
        .filter(({ instanceId }) => asked.has(instanceId))
        .map((target) => [target.instanceId, target]),
    );
    return {
      deploymentTargets: targetIds.map((targetId) => {
        const target = targets.get(targetId);
        if (target !== undefined) return targetShape(id, target);
        throw new Refusal(
          'DeploymentTargetDoesNotExistException',
          `The provided target ID does not belong to the attempted deployment: ${targetId}`,
        );
      }),
    };
  },

  ContinueDeployment: (model, body) => {
    model.continueDeployment(deploymentId(body), text(body, 'deploymentWaitType'));
    return {};
  },

  StopDeployment: (model, body) => model.stopDeployment(deploymentId(body), flag(body, 'autoRollbackEnabled')),
};

/** CodeDeploy on the wire: AWS JSON 1.1. */
export function codeDeployWire(
  model: CodeDeploySimulation,
  options: { readonly newRequestId?: () => string } = {},
): WireService {
  let answered = 0;
  const newRequestId =
    options.newRequestId ??
    (() => {
      answered += 1;
      return `00000000-0000-4000-8000-${String(answered).padStart(12, '0')}`;
    });
  const answer = (status: number, body: unknown, errorType?: string): WireResponse => ({
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': newRequestId(),
      ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
    },
    body: JSON.stringify(body),
  });
  return {
    name: 'codedeploy',
    operationOf: (request) => {
      const target = request.headers['x-amz-target'] ?? '';
      const operation = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
      return Object.hasOwn(OPERATIONS, operation) ? operation : 'unknown';
    },
    handle: (request, operation) => {
      const act = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
      if (act === undefined) {
        const target = request.headers['x-amz-target'] ?? 'none';
        throw new Refusal('UnknownOperationException', `The simulated CodeDeploy has no operation ${target}`);
      }
      return answer(200, act(model, bodyOf(request)));
    },
    refuse: ({ code, message, status }) => answer(status, { __type: code, message }, code),
    throttled: () => answer(400, { __type: 'ThrottlingException', message: 'Rate exceeded' }, 'ThrottlingException'),
  };
}

function bodyOf(request: WireRequest): JsonObject {
  try {
    const body: unknown = JSON.parse(request.body === '' ? '{}' : request.body);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonObject;
  } catch {
    // Told below: what cannot be read is refused as what is not an object.
  }
  throw new Refusal('SerializationException', 'The request body is not a JSON object');
}
