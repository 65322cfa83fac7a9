import { Refusal } from '../model/parts.js';

export type JsonObject = Readonly<Record<string, unknown>>;

const refuse = (field: string, wanted: string): never => {
  throw new Refusal('VALIDATION_ERROR', `${field} must be ${wanted}.`, 400, field);
};

export function parseBody(text: string): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new Refusal('BAD_REQUEST', 'The body is not JSON.');
  }
  return isObject(body) ? body : refuse('body', 'an object');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(body: JsonObject, field: string): JsonObject {
  const value = body[field];
  return isObject(value) ? value : refuse(field, 'an object');
}

function listAt(body: JsonObject, field: string): readonly unknown[] {
  const value = body[field];
  return Array.isArray(value) && value.length > 0
    ? (value as readonly unknown[])
    : refuse(field, 'a list with entries');
}

export function objectsAt(body: JsonObject, field: string): readonly JsonObject[] {
  return listAt(body, field).map((entry) => (isObject(entry) ? entry : refuse(field, 'a list of objects')));
}

export function stringsAt(body: JsonObject, field: string): readonly string[] {
  return listAt(body, field).map((entry) => (typeof entry === 'string' ? entry : refuse(field, 'a list of strings')));
}

export function stringAt(body: JsonObject, field: string): string {
  const value = body[field];
  return typeof value === 'string' && value !== '' ? value : refuse(field, 'a string');
}

export function integerAt(body: JsonObject, field: string, minimum: number): number {
  return optionalIntegerAt(body, field, minimum) ?? refuse(field, `an integer of at least ${minimum}`);
}

export function optionalIntegerAt(body: JsonObject, field: string, minimum: number): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= minimum) return value;
  return refuse(field, `an integer of at least ${minimum}`);
}

export function optionalBooleanAt(body: JsonObject, field: string): boolean {
  const value = body[field];
  if (value === undefined || value === null) return false;
  return typeof value === 'boolean' ? value : refuse(field, 'true or false');
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[], field: string): T {
  return allowed.find((known) => known === value) ?? refuse(field, `one of ${allowed.join(', ')}`);
}
