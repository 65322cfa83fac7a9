import { http, HttpResponse } from 'msw';
import type { SetupServer } from 'msw/node';
import { AwsClients, type AwsOptions } from '../../src/aws/aws-clients.js';
import { CloudError, type CloudFailure } from '../../src/errors/cloud-error.js';
import { rejection, testEnvironment } from '../spot/test-clock.js';

export const ENDPOINT = 'https://aws.test';
export const SECRET = 'wJalrXUtnFEMI-very-secret';

export function aws(options: AwsOptions & { readonly attempts?: number } = {}) {
  const { attempts, ...given } = options;
  const clients = new AwsClients({
    region: 'eu-west-1',
    endpoint: ENDPOINT,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: SECRET, sessionToken: `session-${SECRET}` },
    ...given,
  });
  return { clients, ...testEnvironment(undefined, attempts) };
}

export interface AwsRequest {
  readonly operation: string;
  readonly json: Record<string, unknown>;
  readonly form: URLSearchParams;
}

/** Answers every request to AWS; `answer` gets the operation, and the body both as JSON and as a form. */
export function answerAws(
  server: SetupServer,
  answer: (request: AwsRequest) => Response | Promise<Response>,
): AwsRequest[] {
  const requests: AwsRequest[] = [];
  server.use(
    http.post(`${ENDPOINT}/*`, async ({ request }) => {
      const text = await request.text();
      const isJson = text.startsWith('{');
      const form = new URLSearchParams(isJson ? '' : text);
      const seen = {
        operation: request.headers.get('x-amz-target')?.split('.')[1] ?? form.get('Action') ?? '',
        json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
        form,
      };
      requests.push(seen);
      return answer(seen);
    }),
  );
  return requests;
}

const HEADERS = { 'x-amzn-requestid': 'req-7' };

export const json = (body: object, status = 200) =>
  new HttpResponse(JSON.stringify(body), {
    status,
    headers: { ...HEADERS, 'content-type': 'application/x-amz-json-1.1' },
  });
export const jsonError = (code: string, message = 'because', status = 400) =>
  json({ __type: `com.amazonaws.codedeploy#${code}`, message }, status);
export const xml = (body: string, status = 200) =>
  new HttpResponse(body, { status, headers: { ...HEADERS, 'content-type': 'text/xml' } });
export const ec2Error = (code: string, message = 'because', status = 400) =>
  xml(
    `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>req-7</RequestID></Response>`,
    status,
  );
export const elbError = (code: string, message = 'because', status = 400) =>
  xml(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>req-7</RequestId></ErrorResponse>`,
    status,
  );

export async function failureOf(promise: Promise<unknown>): Promise<CloudFailure> {
  const error = await rejection(promise);
  if (!CloudError.is(error)) throw error;
  return error.failure;
}
