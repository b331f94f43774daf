/**
 * One provider as the sink plays it: what it says to each question of a session, by its limits, faults, recipients and moods.
 *
 * A verdict is drawn in this order: block, fault, limit, then what is the matter with the recipient. Limits count by the address of the sender.
 */
import type { Clock } from '../base/clock.ts';
import { formatMailbox, type Mailbox } from '../proto/smtp/path.ts';
import { fateOf, matcher } from './chance.ts';
import type { Rate } from './meter.ts';
import type { Deed, Fault, Limit, LimitKind, Phase, Provider, RecipientRule } from './options.ts';
import type { Envelope } from './session.ts';
import { Source } from './source.ts';
import { Tally } from './tally.ts';

/** Undefined is a yes. */
export interface No {
  readonly reply: string;
  readonly does: Deed;
}

/** What one connection has done so far. */
export interface Visit {
  readonly source: Source;
  readonly helloIp: string;
  messages: number;
}

export interface ReceiverParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly seed: number;
}

/** Addresses whose beginning is remembered: greylists, mailboxes that are emptied. */
const rememberedMax = 1_000_000;

type Judged<T> = T & { readonly matches: (local: string) => boolean };

export class Receiver {
  readonly tally = new Tally();
  readonly #parts: ReceiverParts;
  readonly #sources = new Map<string, Source>();
  /** When an address was first refused, by what it was refused for. */
  readonly #firstRefused = new Map<string, number>();
  readonly #startMs: number;
  #provider: Provider;
  #recipients: readonly Judged<RecipientRule>[] = [];
  #limits = new Map<LimitKind, Limit>();
  #faults = new Map<Phase, readonly Fault[]>();
  #isOurs: (domain: string) => boolean = () => true;

  constructor(provider: Provider, parts: ReceiverParts) {
    this.#parts = parts;
    this.#startMs = parts.clock.monotonicMs();
    this.#provider = provider;
    this.change(provider);
  }

  get provider(): Provider {
    return this.#provider;
  }

  /** Another mind from now on; what was counted stays. */
  change(provider: Provider): void {
    this.#provider = provider;
    this.#recipients = provider.recipients.map((rule) => ({ ...rule, matches: matcher(rule.local) }));
    this.#limits = new Map(provider.limits.map((limit) => [limit.of, limit]));
    this.#faults = Map.groupBy(provider.faults, ({ phase }) => phase);
    const names = new Set(provider.domains.map((name) => name.toLowerCase()));
    const pattern = provider.pattern === '' ? () => false : matcher(provider.pattern);
    const all = names.has('*');
    this.#isOurs = (domain) => all || names.has(domain.toLowerCase()) || pattern(domain);
  }

  /** How long the answer of this phase takes. */
  delayMs(phase: Phase): number {
    const { delayMs } = this.#provider;
    const fixed = phase === 'ehlo' || phase === 'starttls' ? 0 : delayMs[phase];
    if (fixed === 0) return 0;
    return Math.round(fixed * (1 + ((this.#parts.random() * 2 - 1) * delayMs.jitterPercent) / 100));
  }

  /** The first fault of this phase that strikes now. */
  faultOf(phase: Phase): Fault | undefined {
    const faults = this.#faults.get(phase);
    if (faults === undefined) return undefined;
    const atSeconds = (this.#now() - this.#startMs) / 1000;
    return faults.find(
      ({ percent, fromSeconds, forSeconds }) =>
        atSeconds >= fromSeconds &&
        (forSeconds === 0 || atSeconds < fromSeconds + forSeconds) &&
        (percent >= 100 || this.#parts.random() * 100 < percent),
    );
  }

  fault(phase: Phase, { does, reply }: Fault): No {
    return this.#no(phase, 'fault', reply, does);
  }

  visit(ip: string): Visit {
    let source = this.#sources.get(ip);
    if (source === undefined) {
      source = new Source();
      this.#sources.set(ip, source);
    }
    source.connections += 1;
    this.tally.opened();
    return { source, helloIp: ip, messages: 0 };
  }

  left({ source }: Visit): void {
    source.connections -= 1;
    this.tally.connectionsNow -= 1;
  }

  connect({ source }: Visit): No | undefined {
    const now = this.#now();
    const many = this.#limits.get('connections');
    if (many && source.connections > many.max) return this.#over(many, 'connect', source);
    const fast = this.#limits.get('connectionsPerMinute');
    if (fast && !source.connectionRate.take(rateOf(fast), now)) return this.#over(fast, 'connect', source);
    source.connectionsLately.add(now);
    this.tally.reached('connections', source.connections);
    this.tally.reached('connectionsPerMinute', source.connectionsLately.sum(now));
    return this.#blocked('connect', source);
  }

  mail(visit: Visit, sizeBytes: number): No | undefined {
    const { source } = visit;
    const blocked = this.#blocked('mail', source);
    if (blocked) return blocked;
    if (sizeBytes > this.#provider.sizeMaxBytes) return this.#no('mail', 'size', tooLarge, 'reply');
    const many = this.#limits.get('messagesPerConnection');
    if (many && visit.messages >= many.max) return this.#over(many, 'mail', source);
    const bytes = this.#limits.get('bytesPerMinute');
    if (bytes && !source.byteRate.allows(rateOf(bytes), this.#now()))
      return this.#over(bytes, 'mail', source);
    const limited = this.#messageRate('mail', source);
    if (limited) return limited;
    visit.messages += 1;
    this.tally.reached('messagesPerConnection', visit.messages);
    return undefined;
  }

  recipient({ source, helloIp }: Visit, to: Mailbox, mail: Envelope): No | undefined {
    if (!this.#isOurs(to.domain)) return this.#no('rcpt', 'foreign', this.#provider.foreign, 'reply', to);
    const many = this.#limits.get('recipientsPerMessage');
    if (many && mail.recipients.length >= many.max) return this.#over(many, 'rcpt', source, to);
    this.tally.reached('recipientsPerMessage', mail.recipients.length + 1);
    const limited = this.#messageRate('rcpt', source) ?? this.#recipientRate(source);
    if (limited) return limited;
    const rule = this.#recipients.find((one) => one.phase === 'rcpt' && this.#strikes(one, to));
    source.recipient(rule?.unknown === true);
    if (rule) return this.#unknownShare(source) ?? this.#no('rcpt', 'recipient', rule.reply, 'reply', to);
    return this.#greylisted(helloIp, to, mail);
  }

  data({ source }: Visit): No | undefined {
    return this.#messageRate('data', source);
  }

  /** The text is there: undefined takes the mail. */
  end({ source }: Visit, mail: Envelope, sizeBytes: number): No | undefined {
    if (sizeBytes > this.#provider.sizeMaxBytes) return this.#no('end', 'size', tooLarge, 'reply');
    const limited = this.#messageRate('end', source);
    if (limited) return limited;
    for (const to of mail.recipients) {
      const rule = this.#recipients.find((one) => one.phase === 'end' && this.#strikes(one, to));
      if (rule) return this.#no('end', 'recipient', rule.reply, 'reply', to);
    }
    const now = this.#now();
    source.messagesLately.add(now);
    source.bytesLately.add(now, sizeBytes);
    const bytes = this.#limits.get('bytesPerMinute');
    if (bytes) source.byteRate.charge(rateOf(bytes), now, sizeBytes);
    this.tally.reached('messagesPerMinute', source.messagesLately.sum(now));
    this.tally.reached('bytesPerMinute', source.bytesLately.sum(now));
    this.tally.pace.add(now);
    this.tally.messages += 1;
    this.tally.recipients += mail.recipients.length;
    this.tally.bytes += sizeBytes;
    return undefined;
  }

  #now(): number {
    return this.#parts.clock.monotonicMs();
  }

  #messageRate(phase: Limit['phase'], source: Source): No | undefined {
    const limit = this.#limits.get('messagesPerMinute');
    if (limit === undefined || limit.phase !== phase) return undefined;
    return source.messageRate.take(rateOf(limit), this.#now()) ? undefined : this.#over(limit, phase, source);
  }

  #recipientRate(source: Source): No | undefined {
    const now = this.#now();
    const limit = this.#limits.get('recipientsPerMinute');
    if (limit && !source.recipientRate.take(rateOf(limit), now)) return this.#over(limit, 'rcpt', source);
    source.recipientsLately.add(now);
    this.tally.reached('recipientsPerMinute', source.recipientsLately.sum(now));
    return undefined;
  }

  /** Too many unknown users: the sender is shut out for a time, as carriers do with unclean lists. */
  #unknownShare(source: Source): No | undefined {
    const limit = this.#limits.get('unknownPercent');
    const { recipients, percent } = source.unknownShare;
    if (recipients < (limit?.burst ?? 0)) return undefined;
    this.tally.reached('unknownPercent', Math.round(percent));
    if (limit === undefined || percent <= limit.max) return undefined;
    source.forgetRecipients();
    return this.#over(limit, 'rcpt', source);
  }

  #blocked(phase: Phase, source: Source): No | undefined {
    if (source.blockedUntilMs <= this.#now()) return undefined;
    const reply = this.#blockReply;
    return this.#no(phase, 'blocked', reply, phase === 'connect' ? 'close' : 'reply');
  }

  get #blockReply(): string {
    const blocking = [...this.#limits.values()].find(({ blockSeconds }) => blockSeconds > 0);
    return blocking?.reply || defaultReplies.connections;
  }

  #over(limit: Limit, phase: Phase, source: Source, to?: Mailbox): No {
    this.tally.hit(limit.of);
    if (limit.blockSeconds > 0) source.blockedUntilMs = this.#now() + limit.blockSeconds * 1000;
    const reply = limit.reply || defaultReplies[limit.of];
    const does = phase === 'connect' && limit.does === 'reply' ? 'close' : limit.does;
    return this.#no(phase, `limit ${limit.of}`, reply, does, to);
  }

  /** Whether it strikes is the fate of the address; it passes where mailboxes recover. */
  #strikes(rule: Judged<RecipientRule>, to: Mailbox): boolean {
    if (!rule.matches(to.local)) return false;
    const address = `${to.local}@${to.domain}`.toLowerCase();
    if (rule.percent < 100 && fateOf(this.#parts.seed, `${rule.reply} ${address}`) * 100 >= rule.percent)
      return false;
    if (rule.recoversAfterSeconds === 0) return true;
    return this.#since(`${rule.reply} ${address}`) < rule.recoversAfterSeconds * 1000;
  }

  #greylisted(ip: string, to: Mailbox, mail: Envelope): No | undefined {
    const { seconds, percent, reply } = this.#provider.greylist;
    if (seconds === 0) return undefined;
    const sender = mail.sender === null ? '' : formatMailbox(mail.sender);
    const triple = `${ip} ${sender} ${formatMailbox(to)}`.toLowerCase();
    if (percent < 100 && fateOf(this.#parts.seed, triple) * 100 >= percent) return undefined;
    if (this.#since(triple) >= seconds * 1000) return undefined;
    return this.#no('rcpt', 'greylist', reply, 'reply', to);
  }

  /** Milliseconds since this was first asked. */
  #since(key: string): number {
    const now = this.#now();
    const first = this.#firstRefused.get(key);
    if (first !== undefined) return now - first;
    if (this.#firstRefused.size < rememberedMax) this.#firstRefused.set(key, now);
    return 0;
  }

  #no(phase: Phase, why: string, reply: string, does: Deed, to?: Mailbox): No {
    this.tally.refused(phase, why, does === 'reset' || does === 'silence' ? does : reply);
    const lines = reply.replaceAll('\n', '\r\n');
    return { reply: to === undefined ? lines : filled(lines, to), does };
  }
}

const rateOf = ({ max, burst }: Limit): Rate => ({ perMinute: max, burst });
const tooLarge = '552 5.3.4 Message is larger than this server accepts';

/** Where a scenario names no reply. */
const defaultReplies: Readonly<Record<LimitKind, string>> = {
  connections: '421 4.7.0 Too many connections from your address',
  connectionsPerMinute: '421 4.7.0 Too many new connections from your address',
  messagesPerConnection: '421 4.7.0 Too many messages in this connection',
  messagesPerMinute: '421 4.7.0 Too many messages from your address, try again later',
  recipientsPerMessage: '452 4.5.3 Too many recipients',
  recipientsPerMinute: '450 4.7.0 Too many recipients from your address, try again later',
  bytesPerMinute: '450 4.7.0 Too much data from your address, try again later',
  unknownPercent: '421 4.7.0 Too many unknown users from your address',
};

export function filled(reply: string, to: Mailbox): string {
  if (!reply.includes('{')) return reply;
  return reply
    .replaceAll('{address}', formatMailbox(to))
    .replaceAll('{local}', to.local)
    .replaceAll('{domain}', to.domain);
}
