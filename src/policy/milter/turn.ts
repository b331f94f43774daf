/** One milter and one mail: from the connection to the end, what it says at each step, and what becomes of it when it fails. */
import type { Log } from '../../base/log.ts';
import { dialService, serviceText, type ServiceDialer } from '../../net/service-dial.ts';
import { ServiceLink } from '../../net/service-link.ts';
import type { MilterChange, MilterVerdict } from '../../proto/milter/answer.ts';
import { parseMailbox } from '../../proto/smtp/path.ts';
import type { Finding } from '../check.ts';
import type { Failure } from '../verdict.ts';
import type { Changed, MilterOptions, MilterRefusal } from '../milter-options.ts';
import { MilterConversation } from './conversation.ts';
import { isOfHeader, type Draft } from './draft.ts';
import type { KeptConversations } from './kept-conversations.ts';
import type { MacroValues } from './macro-values.ts';
import type { Spool } from './spool.ts';

export interface Beginning {
  readonly ip: string;
  readonly helo: string;
  readonly address: string;
  readonly params: readonly string[];
}

/** What milters have changed of an envelope so far. */
export interface TextChanges {
  sender: string | undefined;
  readonly added: string[];
  readonly deleted: string[];
}

export interface Told {
  readonly findings: readonly Finding[];
  readonly changed: readonly Changed[];
  /** It turns the message away: nothing else counts. */
  readonly refusal?: MilterRefusal;
}

const nothing: Told = { findings: [], changed: [] };
const busyReply = 'A filter does not answer now, try again later';
/** Recipients that milters may add to one mail. */
const addedMax = 1000;
/** A milter that would close the session is told to the client as one that cannot take this mail: other mail may pass. */
const closing = 421;
const later = 451;

export interface TurnParts {
  readonly dialer: ServiceDialer;
  readonly options: MilterOptions;
  readonly log: Log;
  readonly kept: KeptConversations | undefined;
}

export class MilterTurn implements Disposable {
  readonly #dialer: ServiceDialer;
  readonly #options: MilterOptions;
  readonly #log: Log;
  readonly #kept: KeptConversations | undefined;
  #conversation: MilterConversation | undefined;
  #failure: Failure | undefined;
  /** `accepted`: it wants to hear no more of this mail. */
  #state: 'open' | 'accepted' | 'failed' = 'open';
  /** Said before the text came, but about the whole mail. */
  #early: Finding | undefined;

  constructor({ dialer, options, log, kept }: TurnParts) {
    this.#dialer = dialer;
    this.#options = options;
    this.#log = log;
    this.#kept = kept;
  }

  get name(): string {
    return this.#options.name;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  begin(beginning: Beginning, values: MacroValues): Promise<MilterRefusal | undefined> {
    return this.#step(async () => {
      const kept = this.#kept?.take();
      if (kept) {
        this.#conversation = kept;
        kept.nextSession();
        try {
          return await firstWords(kept, beginning, values);
        } catch {
          // It does not know of next sessions: it is asked anew.
          this.#kept?.distrust();
          this.#log.warn({ milter: this.name }, 'a milter cannot use a connection for several mails');
          this[Symbol.dispose]();
        }
      }
      return firstWords(await this.#open(), beginning, values);
    });
  }

  recipient(
    address: string,
    params: readonly string[],
    values: MacroValues,
  ): Promise<MilterRefusal | undefined> {
    return this.#step(() => this.#conversation!.rcpt(address, params, values));
  }

  /** Makes the changes, unless the message is turned away. */
  async text(draft: Draft, values: MacroValues, spool: Spool, changes: TextChanges): Promise<Told> {
    if (this.#state !== 'open') return { findings: this.#early ? [this.#early] : [], changed: [] };
    try {
      const answered = await this.#conversation!.message(draft, values, (bytes) => spool.write(bytes));
      await spool.end();
      this.#keep();
      const refusal = answered.verdict && this.#refusal(answered.verdict);
      if (refusal) return { ...nothing, refusal };
      const decided = answered.verdict && this.#finding(answered.verdict);
      draft.change(answered.changes.filter(isOfHeader));
      for (const change of answered.changes) this.#readdress(change, changes);
      const held = answered.changes.find((change) => change.is === 'quarantine');
      const findings = [decided, held && this.#found('quarantine', held.reason)];
      return {
        findings: findings.filter((one) => one !== undefined),
        changed: changedBy(answered.changes, spool),
      };
    } catch (error) {
      this.#fail(error);
      return nothing;
    } finally {
      this[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    this.#conversation?.[Symbol.dispose]();
    this.#conversation = undefined;
  }

  #keep(): void {
    if (this.#kept === undefined || this.#conversation === undefined) return;
    this.#kept.give(this.#conversation);
    this.#conversation = undefined;
  }

  async #open(): Promise<MilterConversation> {
    const { address, timeouts } = this.#options;
    const connection = await dialService(this.#dialer, address, { timeoutMs: timeouts.commandMs });
    const conversation = new MilterConversation(new ServiceLink(connection, this.#dialer.clock), timeouts);
    this.#conversation = conversation;
    await conversation.greet();
    return conversation;
  }

  async #step(ask: () => Promise<MilterVerdict | undefined>): Promise<MilterRefusal | undefined> {
    if (this.#state !== 'open') return undefined;
    try {
      return this.#heard(await ask());
    } catch (error) {
      this.#fail(error);
      const { name, onFailure } = this.#options;
      return onFailure === 'defer' ? { reply: busyReply, temporary: true, by: name } : undefined;
    }
  }

  #heard(verdict: MilterVerdict | undefined): MilterRefusal | undefined {
    if (verdict === undefined) return undefined;
    const refusal = this.#refusal(verdict);
    if (refusal) return refusal;
    this.#early = this.#finding(verdict);
    this.#state = 'accepted';
    this[Symbol.dispose]();
    return undefined;
  }

  #refusal(verdict: MilterVerdict): MilterRefusal | undefined {
    if (verdict.is === 'accept' || verdict.is === 'discard') return undefined;
    const temporary = verdict.is !== 'reject';
    const otherwise = temporary ? 'Not now, try again later' : 'A filter does not take this';
    const { code = 0, enhanced = '', lines = [] } = verdict.reply ?? {};
    return {
      reply: lines.join(' ').trim() || otherwise,
      temporary,
      by: this.#options.name,
      ...(code !== 0 && { status: { code: code === closing ? later : code, enhanced } }),
    };
  }

  #finding(verdict: MilterVerdict): Finding | undefined {
    return verdict.is === 'discard' ? this.#found('quarantine', 'would throw it away') : undefined;
  }

  #found(action: NonNullable<Finding['action']>, detail: string): Finding {
    return { rule: `milter.${this.#options.name}`, weight: 0, detail, action };
  }

  /** The reason of a quarantine is told as a finding; a new body is in its spool. */
  #readdress(change: MilterChange, changes: TextChanges): void {
    if (change.is === 'deleteRecipient') changes.deleted.push(change.address);
    else if (change.is === 'changeSender' && isAddress(change.address)) changes.sender = change.address;
    else if (change.is === 'addRecipient' && isAddress(change.address) && changes.added.length < addedMax)
      changes.added.push(change.address);
  }

  #fail(error: unknown): void {
    const { name, address, onFailure } = this.#options;
    const why = error instanceof Error ? error.message : String(error);
    this.#failure = { check: `milter.${name}`, why, policy: onFailure };
    this.#state = 'failed';
    this.#log.warn({ milter: name, address: serviceText(address), why }, 'a milter could not do its work');
    this[Symbol.dispose]();
  }
}

async function firstWords(
  conversation: MilterConversation,
  { ip, helo, address, params }: Beginning,
  values: MacroValues,
): Promise<MilterVerdict | undefined> {
  return (
    (await conversation.connect(ip === '' ? 'localhost' : `[${ip}]`, ip, values)) ??
    (await conversation.helo(helo, values)) ??
    conversation.mail(address, params, values)
  );
}

/** `''`: the null sender. */
const isAddress = (text: string): boolean => text === '' || parseMailbox(text) !== undefined;

function changedBy(changes: readonly MilterChange[], spool: Spool): Changed[] {
  const what = changes.map(({ is }) => parts[is]);
  if (spool.isUsed) what.push('body');
  return [...new Set(what.filter((part) => part !== undefined))];
}

const parts: Readonly<Record<MilterChange['is'], Changed | undefined>> = {
  addHeader: 'header',
  insertHeader: 'header',
  changeHeader: 'header',
  changeSender: 'sender',
  addRecipient: 'recipients',
  deleteRecipient: 'recipients',
  replaceBody: 'body',
  quarantine: undefined,
};
