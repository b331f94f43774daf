/** Which encoding of a response a client takes (RFC 9110, 12.5.3). */

/** The first of `there`, in our order, that the client does not refuse and names; undefined: as it is. */
export function acceptedEncoding<E extends string>(
  header: string | readonly string[] | undefined,
  there: readonly E[],
): E | undefined {
  const weights = new Map<string, number>();
  for (const item of String(header ?? '').split(',')) {
    const [name = '', ...params] = item.split(';').map((part) => part.trim().toLowerCase());
    const q = params.find((param) => param.startsWith('q='))?.slice(2);
    if (name !== '') weights.set(name, q === undefined ? 1 : Number(q));
  }
  return there.find((each) => (weights.get(each) ?? weights.get('*') ?? 0) > 0);
}
