type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy that the environment names for `https://<host>:<port>`, lower case before upper case; undefined: none. */
export function proxyFromEnvironment(host: string, port: number, environment: Environment): URL | undefined {
  const named = read(environment, 'https_proxy') ?? read(environment, 'all_proxy');
  if (named === undefined) return undefined;
  const isExempt = (read(environment, 'no_proxy') ?? '')
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && exempts(entry.toLowerCase(), host.toLowerCase(), port));
  if (isExempt) return undefined;
  const url = named.includes('://') ? named : `http://${named}`;
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** `*`, `example.com` and all below it, `.example.com` and `*.example.com`: only what is below; each with a port or without. */
function exempts(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  const [, name = entry, itsPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
  if (itsPort !== undefined && Number(itsPort) !== port) return false;
  const suffix = name.replace(/^\*(?=\.)/, '');
  if (suffix.startsWith('.')) return host.endsWith(suffix);
  return host === suffix || host.endsWith(`.${suffix}`);
}

function read(environment: Environment, name: string): string | undefined {
  const value = (environment[name] ?? environment[name.toUpperCase()])?.trim();
  return value === '' ? undefined : value;
}
