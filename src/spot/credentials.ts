import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BlueGreenError } from '../errors/blue-green-error.js';

/** A value, or a function that is asked for it afresh for every call, so that it may rotate. */
export type Given<T> = T | (() => T | Promise<T>);

export interface GivenCredentials {
  readonly token?: Given<string> | undefined;
  readonly accountId?: Given<string | undefined> | undefined;
}

/** Where credentials are looked for when they are not given. */
export interface CredentialSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: () => string;
  readonly readText: (path: string) => Promise<string>;
}

export interface SpotCredentials {
  readonly token: string;
  readonly accountId: string | undefined;
}

interface Profile {
  readonly token?: string | undefined;
  readonly account?: string | undefined;
  /** How the file was looked for, and what was wrong with it. */
  readonly told: string;
}

export const SYSTEM_SOURCES: CredentialSources = Object.freeze({
  environment: process.env,
  homeDirectory: homedir,
  readText: (path: string) => readFile(path, 'utf8'),
});

/**
 * The token and the account: what is given, then `SPOTINST_TOKEN` and `SPOTINST_ACCOUNT`, then `~/.spotinst/credentials`.
 * Each of the two is looked for by itself, as Spot's own tools do.
 */
export async function findCredentials(given: GivenCredentials, sources: CredentialSources): Promise<SpotCredentials> {
  const profile = lazily(() => readProfile(sources));
  const token =
    (await ask('spot.token', given.token)) ??
    word(sources.environment['SPOTINST_TOKEN']) ??
    (await profile()).token ??
    (await missing(profile));
  // A header cannot carry anything else, and the error of whoever tried would quote it.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new BlueGreenError('CREDENTIALS_MISSING', 'The Spot token holds characters that a token cannot have.');
  }
  return { token, accountId: await findAccount(given, sources, profile) };
}

/** Another address than Spot's, where programs of Spot's own look for it. */
export function baseUrlOf(environment: CredentialSources['environment']): string | undefined {
  return word(environment['SPOTINST_BASE_URL']);
}

/** The account alone: needs no token. */
export async function findAccount(
  given: GivenCredentials,
  sources: CredentialSources,
  profile: () => Promise<Profile> = lazily(() => readProfile(sources)),
): Promise<string | undefined> {
  return (
    (await ask('spot.accountId', given.accountId)) ??
    word(sources.environment['SPOTINST_ACCOUNT']) ??
    (await profile()).account
  );
}

async function ask(option: string, given: Given<string | undefined> | undefined): Promise<string | undefined> {
  if (typeof given !== 'function') return word(given);
  let answer: unknown;
  try {
    answer = await given();
  } catch (error) {
    // The error of a secrets client may hold its request: only its words are kept.
    const words = error instanceof Error ? error.message : 'it threw something that is not an Error';
    throw new BlueGreenError('CREDENTIALS_MISSING', `${option} is a function, and it failed: ${words}`);
  }
  return word(typeof answer === 'string' ? answer : undefined);
}

async function readProfile(sources: CredentialSources): Promise<Profile> {
  const { environment } = sources;
  const name = word(environment['SPOTINST_CREDENTIALS_PROFILE']) ?? 'default';
  const path =
    word(environment['SPOTINST_CREDENTIALS_FILE']) ?? join(sources.homeDirectory(), '.spotinst', 'credentials');
  let text: string;
  try {
    text = await sources.readText(path);
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    return { told: `${path} (${code === 'ENOENT' ? 'no such file' : 'it cannot be read'})` };
  }
  const { parse } = await import('ini');
  const content: unknown = parse(text);
  // The parser nests a section named `a.b`; a file without sections is the default profile.
  const section = name.split('.').reduce(member, content) ?? (name === 'default' ? content : undefined);
  if (section === undefined) return { told: `${path} (it has no profile ${JSON.stringify(name)})` };
  return {
    token: wordOf(member(section, 'token')),
    account: wordOf(member(section, 'account')),
    told: `${path} (its profile ${JSON.stringify(name)} has no token)`,
  };
}

async function missing(profile: () => Promise<Profile>): Promise<never> {
  throw new BlueGreenError(
    'CREDENTIALS_MISSING',
    `No Spot token was found. Looked for: the option spot.token; the variable SPOTINST_TOKEN; ${(await profile()).told}.`,
  );
}

function member(of: unknown, key: string): unknown {
  return typeof of === 'object' && of !== null && Object.hasOwn(of, key)
    ? (of as Record<string, unknown>)[key]
    : undefined;
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' ? word(value) : undefined;
}

function word(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
