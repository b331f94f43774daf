/**
 * Who gets a message: each recipient that the client names, expanded; whoever is reached twice gets it once.
 */
import type { Clock } from '../base/clock.ts';
import { newEntryId, type AccountId, type MessageId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import type { Directory } from '../directory/directory.ts';
import type { MailEvent } from '../events/event.ts';
import type { RcptParams } from '../proto/smtp/params.ts';
import { isAsciiText, joinAddress, type Mailbox } from '../proto/smtp/path.ts';
import type { QueuedRecipient } from '../queue/message.ts';
import { Expansion, type Target } from './expansion.ts';
import type { IntakeOptions } from './options.ts';

export interface RecipientsParts {
  readonly directory: Pick<Directory, 'resolve' | 'rewrite'>;
  readonly options: IntakeOptions;
  readonly log: Log;
  readonly clock: Clock;
  readonly isFull?: (account: AccountId) => boolean | Promise<boolean>;
}

export interface RecipientsOf {
  readonly id: MessageId;
  /** May send to addresses that are not ours. */
  readonly mayRelay: boolean;
}

/** Members of a group that are told in its event: a list of thousands would make each event as long as the message. */
const toldMax = 100;

export class Recipients {
  /** As the client named them. */
  readonly named: Mailbox[] = [];
  readonly queued: QueuedRecipient[] = [];
  readonly events: MailEvent[] = [];
  /** The organisation of the first recipient who is ours, or `''`. */
  org = '';
  readonly #parts: RecipientsParts;
  readonly #of: RecipientsOf;
  readonly #taken = new Set<string>();

  constructor(parts: RecipientsParts, of: RecipientsOf) {
    this.#parts = parts;
    this.#of = of;
  }

  /** Adds one with all it stands for, or throws a Refusal and adds nothing. */
  async add(to: Mailbox, params: RcptParams): Promise<void> {
    const { options, directory, log, isFull } = this.#parts;
    if (this.named.length >= options.recipientsMax) {
      throw new Refusal('tooManyRecipients', `more than ${options.recipientsMax} recipients`);
    }
    const asked = to.domain === '' ? options.postmaster || `postmaster@${options.hostName}` : joinAddress(to);
    const address = await directory.rewrite(asked, 'in', 'envelope');
    const expansion = new Expansion(directory, options, log);
    await expansion.expand(address, this.#of.mayRelay);
    const { targets, redirections } = expansion;
    const { account } = targets[0]!;
    if (redirections.length === 0 && account !== '' && (await isFull?.(account as AccountId))) {
      throw new Refusal('mailboxFull', address);
    }
    if (this.queued.length + targets.length > options.expandedRecipientsMax) {
      throw new Refusal('tooManyRecipients', `more than ${options.expandedRecipientsMax} after expansion`);
    }
    // A sender knows the address it wrote: notices about what that became name it (RFC 3461, 4.2).
    const orcpt =
      params.orcpt ?? (redirections.length > 0 || address !== asked ? originalRecipient(asked) : '');
    for (const target of targets) this.#queue(target, orcpt, params);
    for (const redirection of redirections) this.#tell(redirection);
    this.named.push(to);
  }

  #queue(target: Target, orcpt: string, params: RcptParams): void {
    if (this.#taken.has(target.key)) return;
    this.#taken.add(target.key);
    this.org ||= target.org;
    this.queued.push({
      id: newEntryId(this.#of.id, this.queued.length),
      address: target.address,
      orcpt,
      notify: params.notify ?? unasked,
      destination: target.destination,
    });
  }

  #tell({ address, to, why, org }: Expansion['redirections'][number]): void {
    this.events.push({
      is: 'redirected',
      atMs: this.#parts.clock.nowMs(),
      message: this.#of.id,
      org,
      recipient: address,
      data: { to: to.slice(0, toldMax), why },
    });
  }
}

const unasked: QueuedRecipient['notify'] = [];

function originalRecipient(address: string): string {
  return `${isAsciiText(address) ? 'rfc822' : 'utf-8'};${address}`;
}
