/** The servers of one thread and their listeners: what is spoken on each port of the settings. */
import { systemClock } from '../base/clock.ts';
import type { ListenerSettings } from '../config/schema.ts';
import { ImapServer } from '../imapd/server.ts';
import { parseBlocks } from '../net/address-block.ts';
import type { Connection } from '../net/connection.ts';
import { listen, type Listener, type ListenOptions } from '../net/listener.ts';
import { Pop3Server } from '../pop3d/server.ts';
import { ManageSieveServer } from '../sieved/server.ts';
import { SmtpServer } from '../smtpd/server.ts';
import { dataFolder } from './data-folder.ts';
import { transcriptFiles } from './transcript-files.ts';
import { imapOptions, manageSieveOptions, pop3Options, smtpdOptions } from './part-options.ts';
import type { BoundListener } from './thread-messages.ts';
import type { ThreadParts } from './thread-parts.ts';
import { TurnedAway } from './turned-away.ts';

/** How long sessions and their commands in hand may take to end when the server stops. */
const stopWithinMs = 10_000;

/** A server of one protocol: takes connections, and ends them in order. */
interface Service {
  serve(connection: Connection): void;
  /** To say to a connection above a limit before it is closed. */
  readonly tooMany?: string;
  stop(): Promise<void>;
}

type MailKind = Exclude<ListenerSettings['kind'], 'http' | 'https'>;

export class Services {
  readonly #parts: ThreadParts;
  readonly #services: Service[] = [];
  readonly #listeners: Listener[] = [];
  readonly #turnedAway: TurnedAway;
  #imap: ImapServer | undefined;
  #pop3: Pop3Server | undefined;
  #manageSieve: ManageSieveServer | undefined;

  constructor(parts: ThreadParts) {
    this.#parts = parts;
    const { log, metrics } = parts.facts;
    this.#turnedAway = new TurnedAway({ clock: systemClock, log, metrics });
  }

  /** Binds every listener but HTTP's. Rejects when one cannot be bound. */
  async open(listeners: readonly ListenerSettings[]): Promise<BoundListener[]> {
    const bound: BoundListener[] = [];
    for (const one of listeners) {
      if (one.kind === 'http' || one.kind === 'https') continue;
      const service = this.#service(one, one.kind);
      const listener = await listen(this.#listenOptions(one, service), (connection) =>
        service.serve(connection),
      );
      this.#listeners.push(listener);
      bound.push({ kind: one.kind, ...listener.address });
    }
    return bound;
  }

  /** Stops accepting at once, then ends every session in order. */
  async stop(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    await Promise.all(this.#services.map((service) => service.stop()));
    this.#turnedAway[Symbol.dispose]();
  }

  #service(one: ListenerSettings, kind: MailKind): Service {
    if (kind === 'imap' || kind === 'imaps') return this.#imapService();
    if (kind === 'pop3' || kind === 'pop3s') return this.#pop3Service();
    if (kind === 'managesieve') return this.#manageSieveService();
    const server = new SmtpServer({
      ...this.#shared(),
      kind,
      intake: kind === 'mx' || kind === 'lmtp' ? this.#parts.intake : this.#parts.outgoingIntake,
      options: smtpdOptions(this.#parts.facts.settings, one),
      ...(this.#parts.neighbourhood && { guard: this.#parts.neighbourhood }),
    });
    return this.#add({
      serve: (connection) => server.serve(connection),
      tooMany: server.tooMany,
      stop: () => server.stop(stopWithinMs),
    });
  }

  #imapService(): Service {
    if (this.#imap !== undefined) return this.#imap;
    this.#imap = new ImapServer({
      ...this.#shared(),
      mailboxes: this.#parts.mailboxes,
      options: imapOptions(this.#parts.facts.settings),
      transcripts: transcriptFiles(dataFolder(this.#parts.facts.settings.data).transcripts, {
        clock: systemClock,
        log: this.#parts.facts.log,
      }),
    });
    return this.#add(this.#imap);
  }

  #pop3Service(): Service {
    if (this.#pop3 !== undefined) return this.#pop3;
    this.#pop3 = new Pop3Server({
      ...this.#shared(),
      mailboxes: this.#parts.mailboxes,
      options: pop3Options(this.#parts.facts.settings),
    });
    return this.#add(this.#pop3);
  }

  #manageSieveService(): Service {
    if (this.#manageSieve !== undefined) return this.#manageSieve;
    this.#manageSieve = new ManageSieveServer({
      ...this.#shared(),
      scripts: this.#parts.scripts,
      options: manageSieveOptions(this.#parts.facts.settings),
    });
    return this.#add(this.#manageSieve);
  }

  #add(service: Service): Service {
    this.#services.push(service);
    return service;
  }

  #shared() {
    const { facts, tls, directory } = this.#parts;
    return { directory, tls, clock: systemClock, log: facts.log, metrics: facts.metrics };
  }

  #listenOptions(one: ListenerSettings, service: Service): ListenOptions {
    const { settings } = this.#parts.facts;
    const implicit = one.kind === 'submissions' || one.kind === 'imaps' || one.kind === 'pop3s';
    const { tooMany } = service;
    return {
      host: one.host,
      port: one.port,
      clock: systemClock,
      reusePort: true,
      connectionsMax: settings.smtp.connectionsMax,
      perAddressMax: settings.smtp.connectionsPerAddressMax,
      perAddressExempt: parseBlocks(one.trustedNetworks),
      ...(one.proxyFrom.length === 0 ? {} : { proxyTrusted: parseBlocks(one.proxyFrom) }),
      ...(implicit ? { tls: this.#parts.tls } : {}),
      ...(one.kind === 'submissions' && {
        asksCertificate: () => this.#parts.directory.asksForCertificates(),
      }),
      ...(tooMany === undefined || implicit ? {} : { onRefused: () => tooMany }),
      onProblem: (problem) => this.#turnedAway.note(one.kind, problem),
    };
  }
}
