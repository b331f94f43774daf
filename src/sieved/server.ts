/** The ManageSieve server of one thread: its sessions, how many an account may have, and the end. */
import type { Clock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Gauge, Metrics } from '../base/metrics.ts';
import type { Directory } from '../directory/directory.ts';
import type { Connection } from '../net/connection.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';
import { response } from '../proto/managesieve/response.ts';
import type { Scripts } from '../sieve/scripts.ts';
import { Conversation } from './conversation.ts';
import type { ManageSieveOptions } from './options.ts';

export interface ManageSieveParts {
  readonly directory: Pick<Directory, 'credentials' | 'account'>;
  readonly scripts: Scripts;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** For STARTTLS; undefined: not offered. */
  readonly tls: TlsContexts | undefined;
  readonly options: ManageSieveOptions;
}

export class ManageSieveServer implements AsyncDisposable {
  readonly parts: ManageSieveParts;
  /** What a connection above a limit is told before it is closed. */
  readonly tooMany = response('BYE', 'Too many connections, try again later', 'TRYLATER');
  readonly #commands: Counter<'command'>;
  readonly #open: Gauge;
  readonly #conversations = new Set<Conversation>();
  readonly #byAccount = new Map<AccountId, Set<Conversation>>();
  #stopping = false;

  constructor(parts: ManageSieveParts) {
    this.parts = parts;
    this.#commands = parts.metrics.counter('hikyaku_sieved_commands_total', 'ManageSieve commands received', [
      'command',
    ]);
    this.#open = parts.metrics.gauge('hikyaku_sieved_sessions', 'ManageSieve sessions open now');
  }

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
