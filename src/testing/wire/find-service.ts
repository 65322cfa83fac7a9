import type { WireRequest, WireServiceName } from './http.js';

const BY_SIGNING_NAME: Readonly<Record<string, WireServiceName>> = {
  ec2: 'ec2',
  elasticloadbalancing: 'elbv2',
  codedeploy: 'codedeploy',
  monitoring: 'cloudwatch',
};

const SCOPE = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** Who signed a request to AWS, and for what. */
export interface SignatureScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly signingName: string;
}

export function signatureScope(request: WireRequest): SignatureScope | undefined {
  const match = SCOPE.exec(request.headers['authorization'] ?? '');
  if (match === null) return undefined;
  const [, accessKeyId = '', region = '', signingName = ''] = match;
  return { accessKeyId, region, signingName };
}

/** Every service answers at every address, so that one port is enough: the request itself tells which one it wants. */
export function serviceNameOf(request: WireRequest): WireServiceName | undefined {
  const scope = signatureScope(request);
  if (scope !== undefined) return BY_SIGNING_NAME[scope.signingName];
  const target = request.headers['x-amz-target'] ?? '';
  if (target.startsWith('CodeDeploy')) return 'codedeploy';
  if (target.startsWith('GraniteServiceVersion')) return 'cloudwatch';
  return new URL(request.url).pathname.startsWith('/aws/ec2/') ? 'spot' : undefined;
}
