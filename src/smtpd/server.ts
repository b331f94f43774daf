/**
 * The SMTP and LMTP server of one listener: a conversation for each connection it is given, and an orderly end to all of them.
 *
 *   const server = new SmtpServer({ kind: 'mx', … });
 *   await listen({ …, onRefused: () => server.tooMany }, (connection) => server.serve(connection));
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Gauge, Counter, Metrics } from '../base/metrics.ts';
import type { Directory } from '../directory/directory.ts';
import type { Intake } from '../intake/intake.ts';
import type { Connection } from '../net/connection.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';
import type { ConversationParts } from './conversation-parts.ts';
import { Conversation } from './conversation.ts';
import { unwatched, type Guard } from './guard.ts';
import type { ListenerKind, SmtpdOptions } from './options.ts';
import { replies } from './replies.ts';
import { Service } from './service.ts';
import type { ProgramDirectory } from './vouching.ts';

export interface SmtpServerParts {
  readonly kind: ListenerKind;
  readonly options: SmtpdOptions;
  readonly intake: Intake;
  readonly directory: Pick<Directory, 'credentials'> & ProgramDirectory;
  /** For STARTTLS; without it, it is not offered. */
  readonly tls?: TlsContexts;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Watches over networks of strangers; absent: nobody does. */
  readonly guard?: Guard;
}

export class SmtpServer {
  readonly kind: ListenerKind;
  /** What to say to a connection above a limit. */
  readonly tooMany = replies.tooManyConnections;
  readonly #parts: ConversationParts;
  readonly #conversations = new Map<Conversation, Connection>();
  readonly #open: Gauge<'listener'>;
  readonly #sessions: Counter<'listener'>;
  readonly #guard: Guard | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(parts: SmtpServerParts) {
    const { kind, options, intake, directory, tls, clock, metrics } = parts;
    this.kind = kind;
    const service = new Service({ kind, options, limits: intake.options, canStartTls: tls !== undefined });
    this.#parts = { service, intake, directory, tls, clock, log: parts.log.child({ listener: kind }) };
    this.#guard = parts.guard;
    this.#open = metrics.gauge('hikyaku_smtpd_sessions', 'Sessions open now.', ['listener']);
    this.#sessions = metrics.counter('hikyaku_smtpd_sessions_total', 'Sessions begun.', ['listener']);
  }

  get sessions(): number {
    return this.#conversations.size;
  }

  serve(connection: Connection): void {
    const visit = this.#visitOf(connection);
    if (typeof visit === 'string') {
      connection.write(replies[visit === 'tooMany' ? 'tooManyConnections' : visit]);
      return connection.end();
    }
    const conversation = new Conversation(connection, { ...this.#parts, visit });
    const labels = { listener: this.kind };
    this.#conversations.set(conversation, connection);
    this.#open.add(1, labels);
    this.#sessions.add(1, labels);
    void conversation.serve().then(() => {
      this.#conversations.delete(conversation);
      this.#open.add(-1, labels);
      if (this.#conversations.size === 0) this.#idle?.resolve();
    });
    if (this.#idle) conversation.leave();
  }

  /** Our own users, and whoever may relay, are not watched. */
  #visitOf({ peer }: Connection): ReturnType<Guard['arrive']> {
    const { service } = this.#parts;
    const stranger = (service.kind === 'mx' || service.kind === 'relay') && !service.trusts(peer.ip);
    return (stranger ? this.#guard?.arrive(peer.ip) : undefined) ?? unwatched;
  }

  /** Tells every client to come again later, lets mail in hand come to its end, and cuts off what is left after `withinMs`. */
  async stop(withinMs: number): Promise<void> {
    this.#idle ??= Promise.withResolvers<void>();
    for (const conversation of this.#conversations.keys()) conversation.leave();
    if (this.#conversations.size === 0) return;
    using timer = this.#parts.clock.after(withinMs, () => {
      for (const connection of this.#conversations.values()) connection.destroy('server stops');
    });
    void timer;
    await this.#idle.promise;
  }
}
