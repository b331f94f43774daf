/** The log by recipient, for the HTTP server: searches run on the scan thread. */
import { failures } from '../events/failures.ts';
import { retentions, setRetention } from '../events/retention.ts';
import { dropView, saveView, views } from '../events/saved-views.ts';
import { countTraces } from '../events/trace-counts.ts';
import { searchTraces } from '../events/trace-search.ts';
import type { TraceDesk } from '../httpd/parts.ts';
import type { Store } from '../store/store.ts';

export function traceDesk(store: Store): TraceDesk {
  return {
    search: (query, before, max) => store.scan(searchTraces, { engine: store.engine, query, before, max }),
    counts: (org, fromMs) => store.scan(countTraces, { org, fromMs }),
    failures: (org, fromMs) => store.scan(failures, { org, fromMs }),
    views: (org) => store.read(() => views(org)),
    saveView: (org, view) => store.write(saveView, { org, view }),
    dropView: (org, name) => store.write(dropView, { org, name }),
    retentions: (org) => store.read(() => retentions(org)),
    setRetention: (rule) => store.write(setRetention, rule),
  };
}
