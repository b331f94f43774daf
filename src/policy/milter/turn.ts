/** One milter and one mail: from the connection to the end, what it says at each step, and what becomes of it when it fails. */
import type { Log } from '../../base/log.ts';
import { dialService, serviceText, type ServiceDialer } from '../../net/service-dial.ts';
import { ServiceLink } from '../../net/service-link.ts';
import type { MilterChange, MilterReply, MilterVerdict } from '../../proto/milter/answer.ts';
import { parseMailbox } from '../../proto/smtp/path.ts';
import type { Finding } from '../check.ts';
import type { Failure } from '../verdict.ts';
import type { Changed, MilterOptions, MilterRefusal } from '../milter-options.ts';
import { MilterConversation } from './conversation.ts';
import { isOfHeader, type Draft } from './draft.ts';
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
}

const nothing: Told = { findings: [], changed: [] };
const busyReply = 'A filter does not answer now, try again later';
/** Recipients that milters may add to one mail. */
const addedMax = 1000;

export class MilterTurn implements Disposable {
  readonly #dialer: ServiceDialer;
  readonly #options: MilterOptions;
  readonly #log: Log;
  #conversation: MilterConversation | undefined;
  #failure: Failure | undefined;
  /** `accepted`: it wants to hear no more of this mail. */
  #state: 'open' | 'accepted' | 'failed' = 'open';
  /** Said before the text came, but about the whole mail. */
  #early: Finding | undefined;

  constructor(dialer: ServiceDialer, options: MilterOptions, log: Log) {
    this.#dialer = dialer;
    this.#options = options;
    this.#log = log;
  }

  get name(): string {
    return this.#options.name;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  begin({ ip, helo, address, params }: Beginning, values: MacroValues): Promise<MilterRefusal | undefined> {
    return this.#step(async () => {
      const conversation = await this.#open();
      return (
        (await conversation.connect(ip === '' ? 'localhost' : `[${ip}]`, ip, values)) ??
        (await conversation.helo(helo, values)) ??
        conversation.mail(address, params, values)
      );
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
      const decided = answered.verdict && this.#finding(answered.verdict);
      if (decided && decided.action !== 'quarantine') return { findings: [decided], changed: [] };
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
    switch (verdict.is) {
      case 'accept':
      case 'discard':
        if (verdict.is === 'discard') this.#early = this.#finding(verdict);
        this.#state = 'accepted';
        this[Symbol.dispose]();
        return undefined;
      default: {
        const temporary = verdict.is !== 'reject';
        const otherwise = temporary ? 'Not now, try again later' : 'A filter does not take this';
        return { reply: replyText(verdict.reply) || otherwise, temporary, by: this.#options.name };
      }
    }
  }

  #finding(verdict: MilterVerdict): Finding | undefined {
    if (verdict.is === 'accept') return undefined;
    if (verdict.is === 'discard') return this.#found('quarantine', 'would throw it away');
    const reply = replyText(verdict.reply);
    const found = this.#found(verdict.is === 'reject' ? 'refuse' : 'defer', reply || verdict.is);
    return reply === '' ? found : { ...found, reply };
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

/** `''`: the null sender. */
const isAddress = (text: string): boolean => text === '' || parseMailbox(text) !== undefined;

const replyText = (reply: MilterReply | undefined): string => (reply ? reply.lines.join(' ').trim() : '');

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
