import type { FaultBoard, WireFault } from '../model/fault-board.js';
import { Refusal } from '../model/parts.js';
import type { SimulatedClock } from '../simulated-clock.js';
import { serviceNameOf, signatureScope } from './find-service.js';
import { refuseOldSignature } from './signature-age.js';
import type { WireRequest, WireResponse, WireService } from './http.js';
import type { RateLimiter } from './rate-limits.js';
import type { CloudRequest } from './request-log.js';
import { describeBody } from './request-log.js';

/** What happens to a request: an answer, a connection that breaks, or silence. */
export type Outcome = { readonly response: WireResponse } | 'lost' | 'unanswered';

export interface DispatchParts {
  readonly clock: SimulatedClock;
  readonly startedAt: number;
  /** The cloud's own clock, told in the header `date` of every answer. */
  now(): number;
  readonly services: readonly WireService[];
  readonly faults: FaultBoard;
  readonly rates: RateLimiter;
  readonly requests: CloudRequest[];
  readonly accessKeyId: string;
  readonly refuseOldSignatures: boolean;
  newRequestId(): string;
  /** Ends the answers that are still being delayed. */
  readonly closed: AbortSignal;
}

/** Takes requests, however they came, to the services. */
export class Dispatcher {
  readonly #parts: DispatchParts;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  async receive(request: WireRequest): Promise<Outcome> {
    const release = this.#parts.clock.hold();
    try {
      return await this.#receive(request, release);
    } finally {
      release();
    }
  }

  async #receive(request: WireRequest, release: () => void): Promise<Outcome> {
    const { clock, startedAt, services, faults, requests } = this.#parts;
    const name = serviceNameOf(request);
    const service = services.find((each) => each.name === name);
    const operation = service?.operationOf(request) ?? 'unknown';
    const { pathname, search } = new URL(request.url);
    const record: CloudRequest = {
      atMs: clock.now() - startedAt,
      service: service?.name ?? 'unknown',
      operation,
      method: request.method,
      path: `${pathname}${search}`,
      body: describeBody(request),
      status: 'unanswered',
    };
    requests.push(record);
    if (service === undefined) {
      record.status = 404;
      return { response: { status: 404, headers: { 'content-type': 'text/plain' }, body: 'No such service' } };
    }
    const fault = faults.takeForRequest(service.name, operation, record.atMs);
    if (fault?.fault === 'slow') {
      // The delay is simulated time, which must be free to pass.
      release();
      await clock.sleep(fault.byMs, this.#parts.closed);
    }
    const outcome = await this.#answer(service, request, record, fault);
    record.status = typeof outcome === 'string' ? outcome : outcome.response.status;
    return outcome;
  }

  async #answer(
    service: WireService,
    request: WireRequest,
    record: CloudRequest,
    fault: WireFault | undefined,
  ): Promise<Outcome> {
    const act = (): Promise<WireResponse> => this.#act(service, request, record);
    const answer = (response: WireResponse): Outcome => ({ response: this.#named(service, response) });
    switch (fault?.fault) {
      case undefined:
      case 'slow':
        return answer(await act());
      case 'lost-answer':
        await act();
        return 'lost';
      case 'no-answer':
        if (fault.acted === true) await act();
        return 'unanswered';
      case 'refused': {
        const { code, message = `Simulated: ${code}`, status = 400 } = fault;
        return answer(service.refuse({ code, message, status }, request));
      }
      case 'server-error': {
        if (fault.acted === true) await act();
        const refusal = {
          code: 'InternalFailure',
          message: 'Simulated: the service failed',
          status: fault.status ?? 500,
        };
        return answer(service.refuse(refusal, request));
      }
      case 'throttled':
        record.throttled = true;
        return answer(service.throttled(request, 1));
      case 'malformed': {
        const { headers } = await act();
        return answer({ status: 200, headers, body: fault.body ?? '{"unexpected":' });
      }
      default:
        return fault satisfies never;
    }
  }

  async #act(service: WireService, request: WireRequest, record: CloudRequest): Promise<WireResponse> {
    const { operation } = record;
    const rate = this.#parts.rates.count(service.name, operation, request.body);
    if (!rate.allowed) record.throttled = true;
    const response = rate.allowed
      ? await this.#handle(service, operation, request)
      : service.throttled(request, rate.resetSeconds);
    return { ...response, headers: { ...response.headers, ...rate.headers } };
  }

  async #handle(service: WireService, operation: string, request: WireRequest): Promise<WireResponse> {
    try {
      if (service.name !== 'spot') this.#authenticate(service, request);
      return await service.handle(request, operation);
    } catch (error) {
      if (error instanceof Refusal) return service.refuse(error, request);
      // A mistake of the simulation itself must be seen as such, not as a failure of the cloud that somebody injected.
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const message = `The simulated ${service.name} failed in ${operation}: ${text}`;
      return service.refuse({ code: 'SimulationFailure', message, status: 500 }, request);
    }
  }

  #authenticate(service: WireService, request: WireRequest): void {
    if (this.#parts.refuseOldSignatures) refuseOldSignature(service.name, request, this.#parts.now());
    if (signatureScope(request)?.accessKeyId === this.#parts.accessKeyId) return;
    if (service.name === 'ec2')
      throw new Refusal('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
    const code = service.name === 'codedeploy' ? 'UnrecognizedClientException' : 'InvalidClientTokenId';
    throw new Refusal(code, 'The security token included in the request is invalid.', 403);
  }

  #named(service: WireService, response: WireResponse): WireResponse {
    const date = new Date(this.#parts.now()).toUTCString();
    const named = service.name === 'spot' ? {} : { 'x-amzn-requestid': this.#parts.newRequestId() };
    return { ...response, headers: { date, ...named, ...response.headers } };
  }
}
