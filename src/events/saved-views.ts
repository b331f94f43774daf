/** Questions that an organisation keeps under a name. `org` is '' for those of the operator. */
import { Refusal } from '../base/refusal.ts';
import { operation } from '../store/operation.ts';
import { row, rows, type Transaction } from '../store/transaction.ts';
import type { TraceQuery } from './trace-search.ts';

export interface SavedView {
  readonly name: string;
  readonly by: string;
  readonly query: TraceQuery;
  readonly madeAtMs: number;
}

/** Of one organisation. */
const viewsMax = 200;

export function* views(org: string): Transaction<readonly SavedView[]> {
  const found = yield* rows<{ name: string; by: string; query: string; made_at: number }>(
    'select name, made_by as "by", query, made_at from events.saved_view where org = ? order by name',
    org,
  );
  return found.map(({ made_at, query, ...view }) => ({
    ...view,
    query: JSON.parse(query) as TraceQuery,
    madeAtMs: made_at,
  }));
}

/** Refusal `limitReached`. */
export const saveView = operation(
  'events.saveView',
  function* ({ org, view }: { org: string; view: SavedView }): Transaction<void> {
    yield* rows('delete from events.saved_view where org = ? and name = ?', org, view.name);
    const { count } = yield* row<{ count: number }>(
      'select count(*) as count from events.saved_view where org = ?',
      org,
    );
    if (count >= viewsMax) throw new Refusal('limitReached', `${viewsMax} views are kept`);
    yield* rows(
      'insert into events.saved_view (org, name, made_by, query, made_at) values (?, ?, ?, ?, ?)',
      org,
      view.name,
      view.by,
      JSON.stringify(view.query),
      view.madeAtMs,
    );
  },
);

/** Gives whether there was one. */
export const dropView = operation(
  'events.dropView',
  function* ({ org, name }: { org: string; name: string }): Transaction<boolean> {
    const gone = yield* rows(
      'delete from events.saved_view where org = ? and name = ? returning name',
      org,
      name,
    );
    return gone.length > 0;
  },
);
