import type { Json } from '../internal/json.js';
import schema from './spec-json-schema.json' with { type: 'json' };

/**
 * The shape of a spec as JSON Schema (draft 7): for editors, for forms, for checks in other languages.
 *
 * `parseSpec` checks a little more: that the names of gates differ, and that the two values of `alternate` do.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { specJsonSchema } from 'elastigroup-bluegreen';
 * writeFileSync('release.schema.json', JSON.stringify(specJsonSchema));
 * ```
 */
export const specJsonSchema: { readonly [key: string]: Json } = schema;
