/**
 * The IMAP server of one thread: its sessions, how many an account may have, time limits, and the end.
 *
 * Sessions have no timers of their own: one sweep every few seconds looks at all of them, so an idle connection costs little.
 */
import type { AccountId } from '../base/ids.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Gauge, Metrics } from '../base/metrics.ts';
import type { Directory } from '../directory/directory.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import type { Connection } from '../net/connection.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';
import { stopGraceMs, sweepMs, type ImapOptions } from './options.ts';
import { Session } from './session.ts';
import type { SessionState } from './session-state.ts';
import type { TranscriptKeeper } from './transcript.ts';

export interface ImapParts {
  readonly directory: Directory;
  readonly mailboxes: Mailboxes;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** For STARTTLS; undefined: not offered. */
  readonly tls: TlsContexts | undefined;
  readonly options: ImapOptions;
  /** Where conversations are written down, for accounts that have it switched on. */
  readonly transcripts?: TranscriptKeeper;
}

export class ImapServer implements AsyncDisposable {
  /** What to say to a connection above a limit (RFC 9051, 7.1.5). */
  readonly tooMany = '* BYE [LIMIT] Too many connections, try again later\r\n';
  readonly parts: ImapParts;
  readonly commands: Counter<'command' | 'status'>;
  readonly #open: Gauge;
  readonly #sessions = new Set<Session>();
  readonly #byAccount = new Map<AccountId, Set<Session>>();
  #sweep: Timer | undefined;
  #stopping = false;

  constructor(parts: ImapParts) {
    this.parts = parts;
    this.commands = parts.metrics.counter('hikyaku_imapd_commands_total', 'IMAP commands answered', [
      'command',
      'status',
    ]);
    this.#open = parts.metrics.gauge('hikyaku_imapd_sessions', 'IMAP sessions open now');
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Takes over a connection. TLS, where it is implicit, is up already. */
  serve(connection: Connection): void {
    const session = new Session(this, connection);
    this.#sessions.add(session);
    this.#open.add(1);
    connection.onClose(() => this.#closed(session));
    if (this.#stopping) return session.bye('UNAVAILABLE', 'The server is being stopped');
    session.greet();
    this.#sweep ??= this.parts.clock.after(sweepMs, () => this.#look());
  }

  /** A session has logged in. Too many for the account: the one that is idle for longest goes. False: none is idle, so this one must. */
  admit(session: Session, account: AccountId): boolean {
    const peers = this.#byAccount.get(account) ?? new Set();
    if (peers.size >= this.parts.options.sessionsPerAccountMax) {
      const oldest = [...peers].filter((peer) => peer.idle).sort((a, b) => a.activeAtMs - b.activeAtMs)[0];
      if (oldest === undefined) return false;
      oldest.bye('LIMIT', 'Too many connections: this one was idle for longest');
      peers.delete(oldest);
    }
    peers.add(session);
    this.#byAccount.set(account, peers);
    return true;
  }

  /** The session's account has left it; the connection stays. */
  forget(session: SessionState): void {
    const account = session.principal?.account;
    const peers = account === undefined ? undefined : this.#byAccount.get(account);
    peers?.delete(session as Session);
    if (account !== undefined && peers?.size === 0) this.#byAccount.delete(account);
  }

  /** Says good-bye to all and resolves when their connections are closed. A command in hand ends first, if it ends soon. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#sweep?.[Symbol.dispose]();
    const closed = [...this.#sessions].map((session) => {
      session.bye('UNAVAILABLE', 'The server is being stopped');
      return session.connection.closed;
    });
    const timer = this.parts.clock.after(stopGraceMs, () => {
      for (const session of this.#sessions) session.connection.destroy('the server is being stopped');
    });
    await Promise.all(closed);
    timer[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #closed(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    this.#open.add(-1);
    this.forget(session);
    session.closed();
  }

  #look(): void {
    const nowMs = this.parts.clock.monotonicMs();
    for (const session of this.#sessions) session.look(nowMs);
    this.#sweep = this.#sessions.size > 0 ? this.parts.clock.after(sweepMs, () => this.#look()) : undefined;
  }
}
