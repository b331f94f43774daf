/**
 * The sink: mail servers of a whole world on loopback addresses, with a name server that leads to them, as a scenario has it.
 *
 * Nothing is kept of a mail but numbers, unless it is asked for. Everything of chance comes from the scenario's seed.
 */
import type { Clock } from '../base/clock.ts';
import type { Connection, Endpoint } from '../net/connection.ts';
import { listen } from '../net/listener.ts';
import { makeSelfSigned } from '../net/self-signed.ts';
import { TlsContexts } from '../net/tls-contexts.ts';
import { createZone } from '../net/zone.ts';
import { startZoneServer } from '../net/zone-server.ts';
import { joinAddress } from '../proto/smtp/path.ts';
import { seededRandom } from './chance.ts';
import { Conversation, type SunkMail } from './conversation.ts';
import type { Provider, Scenario } from './options.ts';
import { placesOf, type Place } from './places.ts';
import { Receiver } from './receiver.ts';
import { providerReport, type SinkReport } from './report.ts';
import { Returns } from './returns.ts';
import { fieldOf } from './returned-mail.ts';
import type { Wanted } from './sunk-text.ts';

export interface SinkOptions {
  readonly name: string;
  readonly scenario: Scenario;
  readonly clock: Clock;
  /** The first of the addresses, of 127.0.0.0/8. */
  readonly address: string;
  /** SMTP port of all mail servers; 0 takes free ones, one for each address. */
  readonly port: number;
  readonly dns?: Endpoint;
  /** Where bounces, complaints and automatic replies are sent. */
  readonly returnTo?: Endpoint;
  /** A header field that tells messages apart: one that comes twice to one recipient is a duplicate. */
  readonly tokenHeader?: string;
  /** Gets every mail, to keep it. */
  readonly keep?: (provider: string, mail: SunkMail) => void;
  /** What happens by itself: a stage begins. */
  readonly onNote?: (note: string) => void;
}

/** Tokens are remembered up to here: then duplicates are no longer looked for. */
const tokensMax = 5_000_000;
/** Names of one certificate; of other hosts it is not, as with most servers that self-signed ones are on. */
const certifiedMax = 500;

interface BoundPlace extends Place {
  readonly port: number;
}

export class Sink implements AsyncDisposable {
  readonly #options: SinkOptions;
  readonly #receivers: ReadonlyMap<string, Receiver>;
  readonly #tokens = new Set<string>();
  readonly #open = new Set<Connection>();
  readonly #parts = new AsyncDisposableStack();
  readonly #startMs: number;
  readonly #returns: Returns;
  readonly #random: () => number;
  readonly #stages: Disposable[] = [];
  #scenario: string;
  #places: readonly BoundPlace[] = [];
  #dns: Endpoint | undefined;
  #domains = 0;

  private constructor(options: SinkOptions) {
    const { scenario, clock } = options;
    this.#options = options;
    this.#scenario = options.name;
    const parts = { clock, random: seededRandom(scenario.seed), seed: scenario.seed };
    this.#receivers = new Map(scenario.providers.map((one) => [one.name, new Receiver(one, parts)]));
    this.#startMs = clock.monotonicMs();
    this.#returns = new Returns(clock, options.returnTo);
    this.#random = seededRandom(scenario.seed + 1);
    this.#plan(scenario);
  }

  /** Rejects when an address or port cannot be had; then nothing stays open. */
  static async start(options: SinkOptions): Promise<Sink> {
    const sink = new Sink(options);
    try {
      await sink.#listen();
      return sink;
    } catch (error) {
      await sink[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The mail servers. */
  get places(): readonly BoundPlace[] {
    return this.#places;
  }
  /** Where the name server is. */
  get dns(): Endpoint | undefined {
    return this.#dns;
  }
  /** How many domains have their mail here. */
  get domains(): number {
    return this.#domains;
  }

  async #listen(): Promise<void> {
    const { scenario, clock, port, address, dns } = this.#options;
    const { places, records, apexes } = placesOf(scenario.providers, address);
    const contexts = await contextsFor(scenario.providers, places, clock);
    const bound: BoundPlace[] = [];
    for (const place of places) {
      const receiver = this.#receivers.get(place.provider)!;
      const listener = await listen({ host: place.ip, port, clock }, (connection) => {
        this.#open.add(connection);
        void connection.closed.then(() => this.#open.delete(connection));
        this.#converse(connection, receiver, { hostname: place.hostname, contexts });
      });
      this.#parts.use(listener);
      bound.push({ ...place, port: listener.address.port });
    }
    this.#places = bound;
    this.#domains = new Set(records.filter(({ type }) => type === 'MX').map(({ name }) => name)).size;
    if (dns) this.#dns = this.#parts.use(await startZoneServer(createZone({ records, apexes }), dns)).address;
  }

  /** Another mind for the providers that run: their limits, faults, replies. Addresses and domains stay what they are. */
  change(name: string, scenario: Scenario): void {
    this.#scenario = name;
    for (const provider of scenario.providers) this.#receivers.get(provider.name)?.change(provider);
    this.#plan(scenario);
  }

  /** The providers as they are now. */
  get providers(): readonly Provider[] {
    return [...this.#receivers.values()].map(({ provider }) => provider);
  }

  report(): SinkReport {
    const providers = [...this.#receivers.values()].map((one) => providerReport(one.provider, one.tally));
    const sum = (figure: 'messages' | 'recipients' | 'bytes' | 'refused' | 'duplicates'): number =>
      providers.reduce((total, one) => total + one[figure], 0);
    return {
      scenario: this.#scenario,
      seed: this.#options.scenario.seed,
      seconds: Math.round((this.#options.clock.monotonicMs() - this.#startMs) / 1000),
      messages: sum('messages'),
      recipients: sum('recipients'),
      bytes: sum('bytes'),
      refused: sum('refused'),
      duplicates: sum('duplicates'),
      providers,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#stages.splice(0)) timer[Symbol.dispose]();
    for (const connection of this.#open) connection.destroy('the sink is closed');
    await this.#parts.disposeAsync();
  }

  #plan({ stages }: Scenario): void {
    for (const timer of this.#stages.splice(0)) timer[Symbol.dispose]();
    for (const { atSeconds, note, providers } of stages) {
      const begin = (): void => {
        for (const provider of providers) this.#receivers.get(provider.name)?.change(provider);
        this.#options.onNote?.(note);
      };
      this.#stages.push(this.#options.clock.after(atSeconds * 1000, begin));
    }
  }

  #converse(
    connection: Connection,
    receiver: Receiver,
    { hostname, contexts }: { readonly hostname: string; readonly contexts: TlsContexts },
  ): void {
    const { clock } = this.#options;
    new Conversation(connection, {
      clock,
      receiver,
      hostname,
      contexts,
      wanted: () => this.#wanted(receiver),
      taken: (mail) => this.#taken(mail, receiver, hostname),
    }).begin();
  }

  #wanted({ provider }: Receiver): Wanted {
    if (this.#options.keep !== undefined) return 'all';
    return this.#options.tokenHeader === undefined && provider.returns.length === 0 ? 'nothing' : 'header';
  }

  #taken(mail: SunkMail, { provider, tally }: Receiver, hostname: string): void {
    const { tokenHeader, keep } = this.#options;
    if (tokenHeader !== undefined) {
      const token = fieldOf(mail.text.header(), tokenHeader);
      if (token !== '')
        for (const to of mail.envelope.recipients) this.#remember(token, joinAddress(to), tally);
    }
    for (const rule of provider.returns)
      if (this.#random() * 100 < rule.percent) this.#returns.take(rule, mail, { hostname, tally });
    keep?.(provider.name, mail);
  }

  #remember(token: string, address: string, tally: Receiver['tally']): void {
    const key = `${token} ${address}`;
    if (this.#tokens.has(key)) tally.duplicates += 1;
    else if (this.#tokens.size < tokensMax) this.#tokens.add(key);
  }
}

async function contextsFor(
  providers: readonly Provider[],
  places: readonly Place[],
  clock: Clock,
): Promise<TlsContexts> {
  const names = new Set([...providers.flatMap(({ mx }) => mx), ...places.map(({ hostname }) => hostname)]);
  const certificate = await makeSelfSigned([...names].slice(0, certifiedMax), clock);
  return new TlsContexts({ certificates: [certificate] });
}
