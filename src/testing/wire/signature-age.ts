import { Refusal } from '../model/parts.js';
import type { WireRequest, WireServiceName } from './http.js';

const TOLERANCE_MS = 5 * 60_000;

/** Refuses a request that was signed more than five minutes before or after the service's own time, each service in its words. */
export function refuseOldSignature(service: WireServiceName, request: WireRequest, now: number): void {
  const signed = request.headers['x-amz-date'];
  if (signed === undefined) return;
  const behindMs = now - Date.parse(signed.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));
  if (Math.abs(behindMs) <= TOLERANCE_MS) return;
  if (service === 'ec2') throw new Refusal('RequestExpired', 'Request has expired.', 400);
  const told = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  const message =
    behindMs > 0
      ? `Signature expired: ${signed} is now earlier than ${told(now - TOLERANCE_MS)} (${told(now)} - 5 min.)`
      : `Signature not yet current: ${signed} is still later than ${told(now + TOLERANCE_MS)} (${told(now)} + 5 min.)`;
  if (service === 'elbv2') throw new Refusal('SignatureDoesNotMatch', message, 403);
  throw new Refusal('InvalidSignatureException', message, 400);
}
