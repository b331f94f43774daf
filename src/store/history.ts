/** What became of numbered records since a version, from a log that says what was done to each: told once for each record (RFC 8620, 5.2). */

/** A line of such a log, as it is stored: some tables say `created`, others `create`. */
export interface HistoryLine {
  readonly version: number;
  readonly id: number;
  readonly kind: 'created' | 'updated' | 'destroyed' | 'create' | 'update' | 'destroy';
}

export interface History {
  readonly created: readonly number[];
  readonly updated: readonly number[];
  readonly destroyed: readonly number[];
  /** Up to where this tells. */
  readonly version: number;
  readonly hasMore: boolean;
}

/**
 * `lines` are those above `since`, by version. With more than `max` records it tells up to the last version where there are no more, since the lines of
 * one version belong together; undefined when there is no such version.
 */
export function historyOf(
  lines: readonly HistoryLine[],
  { since, now, max }: { readonly since: number; readonly now: number; readonly max: number },
): History | undefined {
  const first = new Map<number, HistoryLine>();
  const last = new Map<number, HistoryLine>();
  let version = since;
  for (let at = 0; at < lines.length; ) {
    const next = lines[at]!.version;
    let end = at;
    while (lines[end]?.version === next) end += 1;
    const together = lines.slice(at, end);
    const fresh = new Set(together.map(({ id }) => id).filter((id) => !first.has(id)));
    if (first.size + fresh.size > max)
      return first.size === 0 ? undefined : { ...collapsed(first, last), version, hasMore: true };
    for (const line of together) {
      if (!first.has(line.id)) first.set(line.id, line);
      last.set(line.id, line);
    }
    version = next;
    at = end;
  }
  return { ...collapsed(first, last), version: now, hasMore: false };
}

function collapsed(
  first: ReadonlyMap<number, HistoryLine>,
  last: ReadonlyMap<number, HistoryLine>,
): Pick<History, 'created' | 'updated' | 'destroyed'> {
  const history = { created: [] as number[], updated: [] as number[], destroyed: [] as number[] };
  for (const [id, { kind }] of first) {
    const isNew = kind.startsWith('create');
    if (!last.get(id)!.kind.startsWith('destroy')) history[isNew ? 'created' : 'updated'].push(id);
    // What came and went was never there.
    else if (!isNew) history.destroyed.push(id);
  }
  return history;
}
