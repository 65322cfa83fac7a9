import type * as v from 'valibot';

/** What valibot keeps of a schema, as far as a sentence about it needs it. */
interface Shape {
  readonly kind?: string;
  readonly type: string;
  readonly message?: unknown;
  readonly requirement?: unknown;
  readonly wrapped?: Shape;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly item?: Shape;
  readonly items?: readonly Shape[];
  readonly value?: Shape;
  readonly key?: string;
  readonly literal?: unknown;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly Shape[];
}

/** The part of a schema that judges what stands at `path` of `input`, as far down as that can be told. */
export function schemaAt(schema: v.GenericSchema, path: readonly unknown[], input: unknown): v.GenericSchema {
  let shape = schema as unknown as Shape;
  let at = input;
  for (const key of path) {
    shape = chosen(unwrapped(shape), at);
    const next = partOf(shape, key);
    if (next === undefined) break;
    shape = next;
    at = member(at, key);
  }
  return unwrapped(shape) as unknown as v.GenericSchema;
}

/** What a schema allows, for the reader of an error. */
export function describeSchema(schema: v.GenericSchema): string {
  return describe(unwrapped(schema));
}

/** The names of the fields that the object at `path` of `input` may have; optional ones end in `?`. */
export function fieldsAt(schema: v.GenericSchema, path: readonly unknown[], input: unknown): string[] {
  const value = path.reduce<unknown>(member, input);
  return fieldsOf(chosen(schemaAt(schema, path, input), value));
}

function fieldsOf({ entries }: Shape): string[] {
  return Object.entries(entries ?? {}).map(([name, { type }]) => (type === 'optional' ? `${name}?` : name));
}

function member(value: unknown, key: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[String(key)] : undefined;
}

function describe(shape: Shape): string {
  // Whoever gave a schema a message of its own knows best.
  if (typeof shape.message === 'string') return shape.message;
  const rules = shape.pipe?.filter(({ kind }) => kind === 'validation') ?? [];
  const own = rules.find((rule) => typeof rule.message === 'string' && rule.type !== 'check')?.message;
  if (typeof own === 'string') return own;
  const rule = (type: string): unknown => rules.find((candidate) => candidate.type === type)?.requirement;
  switch (shape.type) {
    case 'literal':
      return `'${String(shape.literal)}'`;
    case 'picklist':
      return oneOf((shape.options ?? []).map((option) => `'${String(option)}'`));
    case 'boolean':
      return 'true or false';
    case 'string':
      return withBounds('a text of', ' characters', rule('min_length'), rule('max_length'));
    case 'number':
      return withBounds('a number from', '', rule('min_value'), rule('max_value'));
    case 'array':
      return shape.item === undefined ? 'a list' : `a list, each entry ${describe(unwrapped(shape.item))}`;
    case 'strict_tuple':
      return `a list of ${(shape.items ?? []).length} values`;
    case 'record':
      return 'an object';
    case 'strict_object':
      return `{ ${fieldsOf(shape).join(', ')} }`;
    case 'variant': {
      const names = (shape.options as readonly Shape[]).map((option) => option.entries?.[shape.key ?? '']);
      return `an object whose ${shape.key} is ${oneOf(names.map((name) => (name ? describe(name) : '')))}`;
    }
    default:
      return 'another value';
  }
}

function oneOf(names: readonly string[]): string {
  return names.length < 3 ? names.join(' or ') : `one of ${names.join(', ')}`;
}

function withBounds(noun: string, unit: string, least: unknown, most: unknown): string {
  const [from, to] = [least, most].map((bound) => (typeof bound === 'number' ? bound : undefined));
  if (from !== undefined && to !== undefined) return `${noun} ${from} to ${to}${unit}`;
  if (from !== undefined) return `${noun} at least ${from}${unit}`;
  return to === undefined ? noun.split(' ').slice(0, 2).join(' ') : `${noun} at most ${to}${unit}`;
}

function unwrapped(shape: Shape): Shape {
  return shape.type === 'optional' && shape.wrapped !== undefined ? unwrapped(shape.wrapped) : shape;
}

/** Of several shapes, the one that the value says it has. */
function chosen(shape: Shape, value: unknown): Shape {
  if (shape.type !== 'variant' && shape.type !== 'union') return shape;
  const options = shape.options as readonly Shape[];
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  if (shape.type === 'variant') {
    const key = shape.key ?? '';
    // Without a kind that is known there is still one to be named.
    return options.find(({ entries }) => entries?.[key]?.literal === fields[key]) ?? variantOf(shape, options);
  }
  return options.find(({ entries }) => Object.keys(fields).every((name) => entries?.[name] !== undefined)) ?? shape;
}

function variantOf(shape: Shape, options: readonly Shape[]): Shape {
  const key = shape.key ?? '';
  const literals = options.map(({ entries }) => entries?.[key]?.literal);
  return { type: 'strict_object', entries: { [key]: { type: 'picklist', options: literals } } };
}

function partOf(shape: Shape, key: unknown): Shape | undefined {
  if (shape.entries !== undefined && typeof key === 'string')
    return Object.hasOwn(shape.entries, key) ? shape.entries[key] : undefined;
  if (typeof key === 'number') return shape.item ?? shape.items?.[key];
  return shape.value;
}
