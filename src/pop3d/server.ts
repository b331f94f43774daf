/** The POP3 server of one thread: its sessions, how many an account may have, and the end. */
import type { Clock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Gauge, Metrics } from '../base/metrics.ts';
import type { Directory } from '../directory/directory.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import type { Connection } from '../net/connection.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';
import { Conversation } from './conversation.ts';
import type { Pop3Options } from './options.ts';

export interface Pop3Parts {
  readonly directory: Pick<Directory, 'login' | 'credentials'>;
  readonly mailboxes: Mailboxes;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** For STLS; undefined: not offered. */
  readonly tls: TlsContexts | undefined;
  readonly options: Pop3Options;
}

export class Pop3Server implements AsyncDisposable {
  readonly parts: Pop3Parts;
  /** What a connection above a limit is told before it is closed. */
  readonly tooMany = '-ERR [SYS/TEMP] Too many connections, try again later\r\n';
  readonly #commands: Counter<'command'>;
  readonly #open: Gauge;
  readonly #conversations = new Set<Conversation>();
  readonly #byAccount = new Map<AccountId, Set<Conversation>>();
  readonly #lastLogins = new Map<AccountId, number>();
  #stopping = false;

  constructor(parts: Pop3Parts) {
    this.parts = parts;
    this.#commands = parts.metrics.counter('hikyaku_pop3d_commands_total', 'POP3 commands received', [
      'command',
    ]);
    this.#open = parts.metrics.gauge('hikyaku_pop3d_sessions', 'POP3 sessions open now');
  }

  get sessions(): number {
    return this.#conversations.size;
  }

  /** Takes over a connection. TLS, where it is implicit, is up already. */
  serve(connection: Connection): void {
    const conversation = new Conversation(this, connection);
    this.#conversations.add(conversation);
    this.#open.add(1);
    connection.onClose(() => {
      this.#conversations.delete(conversation);
      this.leave(conversation);
      conversation.closed();
      this.#open.add(-1);
    });
    if (this.#stopping) connection.end();
    else conversation.greet();
  }

  /** A session has logged in. False: the account has too many already. */
  admit(conversation: Conversation, account: AccountId): boolean {
    const peers = this.#byAccount.get(account) ?? new Set();
    if (peers.size >= this.parts.options.sessionsPerAccountMax) return false;
    peers.add(conversation);
    this.#byAccount.set(account, peers);
    return true;
  }

  /** An account logs in again sooner than it may: the seconds it still has to wait, or 0. */
  delayFor(account: AccountId): number {
    const { clock, options } = this.parts;
    const last = this.#lastLogins.get(account);
    if (options.loginDelaySeconds === 0 || last === undefined) return 0;
    return Math.max(0, options.loginDelaySeconds - (clock.monotonicMs() - last) / 1000);
  }

  noteLogin(account: AccountId): void {
    const { clock, options } = this.parts;
    if (options.loginDelaySeconds === 0) return;
    this.#lastLogins.delete(account);
    this.#lastLogins.set(account, clock.monotonicMs());
    // The oldest are at the front: what waits no longer goes.
    for (const oldest of this.#lastLogins.keys()) {
      if (this.delayFor(oldest) > 0) break;
      this.#lastLogins.delete(oldest);
    }
  }

  leave(conversation: Conversation): void {
    const account = conversation.principal?.account;
    const peers = account === undefined ? undefined : this.#byAccount.get(account);
    if (account === undefined || peers?.delete(conversation) !== true) return;
    if (peers.size === 0) this.#byAccount.delete(account);
  }

  count(command: string): void {
    this.#commands.add(1, { command });
  }

  /** Ends all sessions and resolves when their connections are closed. A command in hand ends first. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const closed = [...this.#conversations].map((conversation) => {
      conversation.stop();
      return conversation.connection.closed;
    });
    await Promise.all(closed);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
