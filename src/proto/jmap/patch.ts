/** PatchObject (RFC 8620, 5.3): pointers without a leading slash, and what is to stand there; null takes it away. */
import { SetError } from './method-error.ts';
import { isObject, pointerTokens } from './pointer.ts';

type Json = Readonly<Record<string, unknown>>;

const invalid = (description: string): SetError => new SetError('invalidPatch', description);

/** The record as the patch makes it. Throws SetError `invalidPatch`. */
export function patched(record: Json, patch: Json): Record<string, unknown> {
  const paths = Object.keys(patch).map((path) => ({ path, tokens: tokensOf(path) }));
  checkPrefixes(paths.map(({ path }) => path));
  const result: Record<string, unknown> = { ...record };
  const own = new Set<object>([result]);
  for (const { path, tokens } of paths) put(result, tokens, { value: patch[path], own });
  return result;
}

/** Properties that a patch touches. */
export const touched = (patch: Json): readonly string[] => [
  ...new Set(Object.keys(patch).map((path) => tokensOf(path)[0]!)),
];

function tokensOf(path: string): readonly string[] {
  const tokens = pointerTokens(`/${path}`);
  if (tokens.some((token) => token === '__proto__')) throw invalid(`${path} cannot be changed`);
  return tokens;
}

/** None may be the beginning of another. */
function checkPrefixes(paths: readonly string[]): void {
  const all = new Set(paths);
  for (const path of paths)
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
      if (all.has(path.slice(0, at))) throw invalid(`${path.slice(0, at)} and ${path}`);
}

interface Putting {
  readonly value: unknown;
  /** Objects that were copied already, or are new. */
  readonly own: Set<object>;
}

function put(root: Record<string, unknown>, tokens: readonly string[], { value, own }: Putting): void {
  let parent = root;
  for (const token of tokens.slice(0, -1)) {
    const child = Object.hasOwn(parent, token) ? parent[token] : undefined;
    if (!isObject(child)) throw invalid(`nothing to change at ${tokens.join('/')}`);
    const copy = own.has(child) ? (child as Record<string, unknown>) : { ...child };
    own.add(copy);
    parent[token] = copy;
    parent = copy;
  }
  const last = tokens.at(-1)!;
  if (value === null) delete parent[last];
  else parent[last] = value;
}
