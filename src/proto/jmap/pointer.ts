/** JSON Pointer (RFC 6901) with the `*` of JMAP, which maps over an array (RFC 8620, 3.7). */

/** Nothing is there. */
export class PointerError extends Error {
  override readonly name = 'PointerError';
}

/** Values that one `*` may give in all: each may be mapped over again. */
export const pointedMax = 100_000;

export function pointerTokens(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new PointerError('a pointer begins with a slash');
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function valueAt(value: unknown, pointer: string): unknown {
  return follow(value, pointerTokens(pointer), { left: pointedMax });
}

function follow(start: unknown, tokens: readonly string[], budget: { left: number }): unknown {
  let value = start;
  for (const [i, token] of tokens.entries()) {
    if (Array.isArray(value)) {
      if (token === '*') return mapped(value, tokens.slice(i + 1), budget);
      if (!/^(?:0|[1-9]\d{0,9})$/.test(token) || Number(token) >= value.length)
        throw new PointerError(`no element ${token}`);
      value = value[Number(token)];
    } else if (isObject(value) && Object.hasOwn(value, token)) value = value[token];
    else throw new PointerError(`nothing at ${token}`);
  }
  return value;
}

/** A result that is an array itself is put into the outer one element by element. */
function mapped(items: readonly unknown[], rest: readonly string[], budget: { left: number }): unknown[] {
  const all: unknown[] = [];
  for (const item of items) {
    const found = follow(item, rest, budget);
    const list: readonly unknown[] = Array.isArray(found) ? found : [found];
    if ((budget.left -= list.length + 1) < 0) throw new PointerError('too many values');
    for (const each of list) all.push(each);
  }
  return all;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
