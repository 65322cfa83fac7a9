/** A request and an answer as plain values: the same whether they came through msw or over a socket. */
export interface WireRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WireResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type WireServiceName = 'spot' | 'codedeploy' | 'ec2' | 'elbv2' | 'cloudwatch';

/** What every service of the simulated cloud offers to the part that receives requests. */
export interface WireService {
  readonly name: WireServiceName;
  /** The operation that the request asks for, `unknown` if there is none such. */
  operationOf(request: WireRequest): string;
  /** Acts and answers; a `Refusal` that a model throws is turned into the service's error shape by the receiver, through `refuse`. */
  handle(request: WireRequest, operation: string): WireResponse | Promise<WireResponse>;
  /** The service's own error shape. */
  refuse(
    refusal: {
      readonly code: string;
      readonly message: string;
      readonly status: number;
      readonly field?: string | undefined;
    },
    request: WireRequest,
  ): WireResponse;
  /** The answer to a call that came too often; `resetSeconds` says when the next one may. */
  throttled(request: WireRequest, resetSeconds?: number): WireResponse;
}
