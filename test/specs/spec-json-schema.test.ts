import { toJsonSchema } from '@valibot/to-json-schema';
import { expect, it } from 'vitest';
import { specJsonSchema } from '../../src/index.js';
import { rolloutSpecSchema } from '../../src/specs/parse-spec.js';

const generated = toJsonSchema(rolloutSpecSchema, {
  typeMode: 'input',
  // What compares two parts of a value has no counterpart; every JSON number is finite.
  ignoreActions: ['check', 'finite'],
});

it('the JSON Schema in the package is the one of the schema that parseSpec uses', async () => {
  const text = `${JSON.stringify({ title: 'RolloutSpec', ...generated }, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../src/specs/spec-json-schema.json');
});

it('what is exported is plain JSON', () => {
  expect(JSON.parse(JSON.stringify(specJsonSchema))).toEqual(specJsonSchema);
  expect(specJsonSchema).toHaveProperty('oneOf');
});
