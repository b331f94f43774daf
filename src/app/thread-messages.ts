/** What the main thread and the protocol threads say to one another. All of it survives a structured clone. */
import type { ListenerSettings, Settings } from '../config/schema.ts';
import type { Certificate } from '../net/tls-contexts.ts';
import type { Attachment } from '../store/open-sqlite.ts';
import type { CertificateStatus } from './certificate-desk.ts';
import type { MetricsReport } from './metrics.ts';

/** Given to a thread at its start. */
export interface ThreadStart {
  /** From 0. Which of them serves the control socket (0); on one machine the thread's queue shard too. */
  readonly index: number;
  readonly threads: number;
  /** Name of this node among those on one PostgreSQL. */
  readonly node: string;
  readonly settings: Settings;
  /** Listeners with the ports that the first thread got for those whose setting is 0. */
  readonly listeners: readonly ListenerSettings[];
  readonly certificates: readonly Certificate[];
  readonly port25Closed: boolean;
  /** Shared, so that a TLS session resumes whichever thread it meets. */
  readonly ticketKeys: Uint8Array;
  /** Counters of limits, shared by all threads. */
  readonly shapingTable: SharedArrayBuffer;
  /** The line to the SQLite writer; undefined for PostgreSQL. */
  readonly store: Attachment | undefined;
}

export interface BoundListener {
  readonly kind: ListenerSettings['kind'];
  readonly host: string;
  readonly port: number;
}

export type ToThread =
  | { readonly is: 'reload'; readonly settings: Settings; readonly certificates: readonly Certificate[] }
  | { readonly is: 'certificates'; readonly certificates: readonly Certificate[] }
  | { readonly is: 'port25'; readonly closed: boolean }
  /** Stop accepting, finish what is in hand, then end. */
  | { readonly is: 'stop' }
  | { readonly is: 'askMetrics'; readonly id: number }
  | { readonly is: 'answer'; readonly id: number; readonly value: unknown };

export type FromThread =
  | { readonly is: 'listening'; readonly listeners: readonly BoundListener[] }
  | { readonly is: 'metrics'; readonly id: number; readonly report: MetricsReport }
  | { readonly is: 'ask'; readonly id: number; readonly question: Question };

/** What only the main thread knows. */
export type Question = 'metricsText' | 'health';

export interface Health {
  readonly ready: boolean;
  /** Why not, one line each. */
  readonly problems: readonly string[];
  readonly threads: number;
  readonly certificates: readonly CertificateStatus[];
  /** On the way out (OP25B): mail goes by the route for what cannot be reached. */
  readonly port25Closed: boolean;
}
