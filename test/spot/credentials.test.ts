import { describe, expect, test } from 'vitest';
import { BlueGreenError } from '../../src/errors/blue-green-error.js';
import { type CredentialSources, findAccount, findCredentials } from '../../src/spot/credentials.js';
import { rejection } from './test-clock.js';

const FILE = `
[default]
token = file-token
account = act-file

[staging]
token = staging-token
account = act-staging

[team.eu]
token = eu-token
`;

function sources(
  environment: Record<string, string> = {},
  files: Record<string, string> = { '/home/ada/.spotinst/credentials': FILE },
): CredentialSources & { readonly read: string[] } {
  const read: string[] = [];
  return {
    read,
    environment,
    homeDirectory: () => '/home/ada',
    readText: async (path) => {
      read.push(path);
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' });
      return text;
    },
  };
}

describe('where the token and the account come from', () => {
  test('what is given wins over the environment and the file', async () => {
    const given = { token: 'given-token', accountId: 'act-given' };
    const from = sources({ SPOTINST_TOKEN: 'env-token', SPOTINST_ACCOUNT: 'act-env' });
    expect(await findCredentials(given, from)).toEqual({ token: 'given-token', accountId: 'act-given' });
    expect(from.read).toEqual([]);
  });

  test('the environment wins over the file, which is then not read', async () => {
    const from = sources({ SPOTINST_TOKEN: 'env-token', SPOTINST_ACCOUNT: 'act-env' });
    expect(await findCredentials({}, from)).toEqual({ token: 'env-token', accountId: 'act-env' });
    expect(from.read).toEqual([]);
  });

  test('the file comes last, read once for both', async () => {
    const from = sources();
    expect(await findCredentials({}, from)).toEqual({ token: 'file-token', accountId: 'act-file' });
    expect(from.read).toEqual(['/home/ada/.spotinst/credentials']);
  });

  test('each of the two is looked for by itself', async () => {
    expect(await findCredentials({ token: 'given-token' }, sources())).toEqual({
      token: 'given-token',
      accountId: 'act-file',
    });
  });

  test('a token without any account is fine: Spot then chooses', async () => {
    expect(await findCredentials({ token: 't' }, sources({}, {}))).toEqual({ token: 't', accountId: undefined });
  });

  test('the profile and the path of the file can be set', async () => {
    const from = sources(
      { SPOTINST_CREDENTIALS_FILE: '/etc/spot', SPOTINST_CREDENTIALS_PROFILE: 'staging' },
      { '/etc/spot': FILE },
    );
    expect(await findCredentials({}, from)).toEqual({ token: 'staging-token', accountId: 'act-staging' });
  });

  test('a profile may have a dot in its name', async () => {
    const from = sources({ SPOTINST_CREDENTIALS_PROFILE: 'team.eu' });
    expect((await findCredentials({}, from)).token).toBe('eu-token');
  });

  test('a file without sections is the default profile', async () => {
    const from = sources({}, { '/home/ada/.spotinst/credentials': 'token = bare\naccount = act-bare\n' });
    expect(await findCredentials({}, from)).toEqual({ token: 'bare', accountId: 'act-bare' });
  });

  test('blank values count as absent, and white space around a value does not', async () => {
    const from = sources({ SPOTINST_TOKEN: '  ', SPOTINST_ACCOUNT: ' act-env\n' });
    expect(await findCredentials({ token: '' }, from)).toEqual({ token: 'file-token', accountId: 'act-env' });
  });

  test('a function is asked afresh every time', async () => {
    let n = 0;
    const given = { token: async () => `token-${(n += 1)}`, accountId: () => `act-${n}` };
    expect(await findCredentials(given, sources())).toEqual({ token: 'token-1', accountId: 'act-1' });
    expect(await findCredentials(given, sources())).toEqual({ token: 'token-2', accountId: 'act-2' });
  });

  test('the account can be asked for without a token', async () => {
    expect(await findAccount({}, sources({ SPOTINST_ACCOUNT: 'act-env' }, {}))).toBe('act-env');
    expect(await findAccount({}, sources({}, {}))).toBeUndefined();
  });
});

describe('when there is no usable token', () => {
  test('the error names everything that was looked for', async () => {
    const error = await rejection(findCredentials({}, sources({}, {})));
    expect(error).toMatchObject({ code: 'CREDENTIALS_MISSING', blame: 'config' });
    expect((error as Error).message).toBe(
      'No Spot token was found. Looked for: the option spot.token; the variable SPOTINST_TOKEN; /home/ada/.spotinst/credentials (no such file).',
    );
  });

  test('a profile that the file does not have is named', async () => {
    const error = await rejection(findCredentials({}, sources({ SPOTINST_CREDENTIALS_PROFILE: 'prod' })));
    expect((error as Error).message).toContain('(it has no profile "prod")');
  });

  test('a profile without a token is named', async () => {
    const files = { '/home/ada/.spotinst/credentials': '[default]\naccount = act-1\n' };
    const error = await rejection(findCredentials({}, sources({}, files)));
    expect((error as Error).message).toContain('its profile "default" has no token');
  });

  test('a function that fails is told by its words, without its error object', async () => {
    const vault = Object.assign(new Error('vault is sealed'), { config: { headers: { 'X-Vault-Token': 's.secret' } } });
    const error = await rejection(findCredentials({ token: () => Promise.reject(vault) }, sources()));
    expect(BlueGreenError.is(error) && error.message).toContain('vault is sealed');
    expect((error as Error).cause).toBeUndefined();
  });

  test('a token with characters that no header can carry is refused without being shown', async () => {
    const error = await rejection(findCredentials({ token: 'abc\ndef-secret' }, sources()));
    expect(error).toMatchObject({ code: 'CREDENTIALS_MISSING' });
    expect((error as Error).message).not.toContain('secret');
  });
});
