/** Reads and checks settings. All problems are reported at once, each with its path: one edit mends the file, not six restarts. */
import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import * as Value from 'typebox/value';
import { settingsSchema, type Settings } from './schema.ts';
import { shapeProblems, type Problem } from './shape-problems.ts';

export type { Problem } from './shape-problems.ts';

export type Read =
  | { readonly is: 'settings'; readonly settings: Settings }
  | { readonly is: 'problems'; readonly problems: readonly Problem[] };

/** Reads a TOML file. A file that is not there is a problem like any other. */
export function readSettingsFile(path: string, env: Readonly<Record<string, string | undefined>>): Read {
  let raw: unknown;
  try {
    raw = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const text =
      error instanceof TomlError
        ? `${path}, line ${error.line}: ${error.message.split('\n')[0]}`
        : (error as Error).message;
    return { is: 'problems', problems: [{ path: '', text }] };
  }
  return readSettings(raw, env);
}

/** Checks a plain object, fills in defaults and takes `env:NAME` values from the environment. */
export function readSettings(raw: unknown, env: Readonly<Record<string, string | undefined>> = {}): Read {
  const problems: Problem[] = [];
  const filled = Value.Default(settingsSchema, structuredClone(raw));
  const resolved = fromEnvironment(filled, env, '', problems);
  problems.push(...shapeProblems(settingsSchema, resolved));
  if (problems.length === 0) problems.push(...senseProblems(resolved as Settings));
  return problems.length === 0
    ? { is: 'settings', settings: resolved as Settings }
    : { is: 'problems', problems };
}

function fromEnvironment(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
  path: string,
  problems: Problem[],
): unknown {
  if (typeof value === 'string' && value.startsWith('env:')) {
    const found = env[value.slice(4)];
    if (found === undefined) problems.push({ path, text: `the environment has no ${value.slice(4)}` });
    return found ?? '';
  }
  if (Array.isArray(value)) return value.map((one, i) => fromEnvironment(one, env, `${path}.${i}`, problems));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      fromEnvironment(one, env, path === '' ? key : `${path}.${key}`, problems),
    ]),
  );
}

/** What a schema cannot say: settings that do not go together. */
function senseProblems(settings: Settings): Problem[] {
  const found: Problem[] = [];
  if (settings.store.engine === 'postgres' && settings.store.url === '')
    found.push({ path: 'store.url', text: 'is needed for postgres' });
  if (settings.queue.retryMaxSeconds < settings.queue.firstRetrySeconds) {
    found.push({ path: 'queue.retryMaxSeconds', text: 'must not be shorter than queue.firstRetrySeconds' });
  }
  const taken = new Map<string, number>();
  settings.listeners.forEach((one, i) => {
    if (one.trustedNetworks.length > 0 && one.kind !== 'relay')
      found.push({ path: `listeners.${i}.trustedNetworks`, text: 'is only for a listener of kind relay' });
    if (one.kind === 'relay' && one.trustedNetworks.length === 0)
      found.push({ path: `listeners.${i}.trustedNetworks`, text: 'must name the networks that may relay' });
    const key = `${one.host} ${one.port}`;
    const other = taken.get(key);
    if (one.port !== 0 && other !== undefined)
      found.push({ path: `listeners.${i}.port`, text: `is taken by listeners.${other}` });
    taken.set(key, i);
  });
  settings.addresses.forEach((address, i) => {
    if (!isAddress(address)) found.push({ path: `addresses.${i}`, text: 'is no IP address' });
  });
  const { acme } = settings.tls;
  if (acme.directory !== '' && acme.challenge === 'dns-01' && acme.dnsHook === '')
    found.push({ path: 'tls.acme.dnsHook', text: 'is needed for dns-01' });
  if (acme.directory !== '' && !URL.canParse(acme.directory))
    found.push({ path: 'tls.acme.directory', text: 'is no URL' });
  settings.tlsRules.forEach((rule, i) => {
    if (rule.names.length > 0 && rule.level !== 'secure')
      found.push({ path: `tlsRules.${i}.names`, text: 'is only for the level secure' });
  });
  settings.routes.forEach((route, i) => {
    if (route.username !== '' && route.tls === 'none')
      found.push({ path: `routes.${i}.tls`, text: 'must not be none where a password is sent' });
    if (route.weights.length > 0 && route.weights.length !== route.hosts.length)
      found.push({ path: `routes.${i}.weights`, text: 'must be as many as hosts' });
    if (route.hosts.length > 1 && route.hosts.some((host) => host.startsWith('mx:')))
      found.push({ path: `routes.${i}.hosts`, text: 'mx: stands alone' });
  });
  return found;
}

/** `node:net` is for the part that has the sockets: a URL knows addresses too. */
function isAddress(text: string): boolean {
  if (text.includes(':')) return URL.canParse(`http://[${text}]/`);
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) && URL.canParse(`http://${text}/`);
}
