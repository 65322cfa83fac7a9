import { readFile } from 'node:fs/promises';
import { parseSpec, type RolloutSpec } from '../index.js';
import type { CliContext } from './cli-context.js';
import { UsageError, wordsOf } from './usage-error.js';

/**
 * A spec from a YAML or JSON file, or from standard input for `-`, checked before anything else is done with it.
 *
 * @throws SPEC_INVALID
 */
export async function readSpec(context: CliContext, file: string): Promise<RolloutSpec> {
  const name = file === '-' ? 'standard input' : file;
  const text = await readText(context, file, name);
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    // JSON is YAML. A key that stands twice is an error there, and custom tags are not obeyed.
    value = parse(text, { prettyErrors: true, logLevel: 'error' });
  } catch (error) {
    throw new UsageError(`${name} is neither YAML nor JSON: ${wordsOf(error)}`, 'SPEC_INVALID');
  }
  return parseSpec(value);
}

async function readText({ stdin }: CliContext, file: string, name: string): Promise<string> {
  try {
    if (file !== '-') return await readFile(file, 'utf8');
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw new UsageError(`${name} could not be read: ${wordsOf(error)}`);
  }
}
