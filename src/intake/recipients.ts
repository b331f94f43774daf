/**
 * Who gets a message: each recipient that the client names, expanded; whoever is reached twice gets it once.
 */
import type { Clock } from '../base/clock.ts';
import { newEntryId, type AccountId, type EntryId, type MessageId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import type { Directory } from '../directory/directory.ts';
import type { Resolution } from '../directory/resolution.ts';
import { Expansion, type Redirection, type Target } from '../directory/expansion.ts';
import type { MailEvent } from '../events/event.ts';
import { literalAddress } from '../proto/smtp/domain.ts';
import type { RcptParams } from '../proto/smtp/params.ts';
import { isAsciiText, joinAddress, type Mailbox, splitAddress } from '../proto/smtp/path.ts';
import { isReturnLocal } from '../proto/srs/return-token.ts';
import type { EnvelopeRecipient } from '../policy/check.ts';
import { simulatorDomain } from '../queue/attempt.ts';
import type { QueuedRecipient } from '../queue/message.ts';

import type { IsFull } from './intake.ts';
import { JudgedRefusal } from './judged-refusal.ts';
import type { IntakeOptions } from './options.ts';

export interface RecipientsParts {
  readonly directory: Pick<Directory, 'resolve' | 'rewrite'>;
  readonly options: IntakeOptions;
  readonly log: Log;
  readonly clock: Clock;
  readonly isFull?: IsFull;
}

type Expanded = { readonly targets: readonly Target[]; readonly redirections: readonly Redirection[] };

export interface RecipientsOf {
  readonly id: MessageId;
  /** May send to addresses that are not ours. */
  readonly mayRelay: boolean;
  /** The organisation that sends, or `''`. */
  readonly org: string;
  /** As the client announced it, or 0. */
  readonly sizeBytes: number;
  /** The address the client has reached us at, or `''`. */
  readonly localIp: string;
  /** Throws for an address that gets no mail of this kind. */
  readonly suppressed?: (recipient: string) => Promise<void>;
  /** As in the envelope. */
  readonly sender?: () => string;
  /** Every recipient goes to the simulator. */
  readonly simulated?: boolean;
  /** Whether a recipient of the organisation is let in; absent: all are. */
  readonly admit?: (
    recipient: string,
    org: string,
  ) => Promise<{ readonly reply: string; readonly temporary: boolean } | undefined>;
}

/** Members of a group that are told in its event: a list of thousands would make each event as long as the message. */
const toldMax = 100;
/** Every domain has these (RFC 5321, 4.5.1; RFC 2142, 5), and so has the name of the server itself. */
const roleNames = new Set(['postmaster', 'abuse']);

export class Recipients {
  /** As the client named them. */
  readonly named: Mailbox[] = [];
  readonly queued: QueuedRecipient[] = [];
  /** What filters are told of them. */
  readonly envelope: EnvelopeRecipient[] = [];
  readonly events: MailEvent[] = [];
  /** The same by whose they are: organisations in the order in which they were named, `''` for addresses that are nobody's here. */
  readonly namedByOrg = new Map<string, string[]>();
  readonly #parts: RecipientsParts;
  readonly #of: RecipientsOf;
  /** Entries by what they are told apart by. */
  readonly #taken = new Map<string, EntryId>();
  /** What each of `named` has led to. */
  readonly #reached: EntryId[][] = [];
  #entries = 0;

  constructor(parts: RecipientsParts, of: RecipientsOf) {
    this.#parts = parts;
    this.#of = of;
  }

  /** Of the first recipient who is ours, or `''`. */
  get firstOrg(): string {
    for (const org of this.namedByOrg.keys()) if (org !== '') return org;
    return '';
  }

  /** Whose the addresses are by which each was reached, in the order in which they were named. */
  reachedBy(): ReadonlyMap<EntryId, ReadonlySet<string>> {
    const orgsOf = new Map<EntryId, Set<string>>();
    for (const [i, { org }] of this.envelope.entries()) {
      for (const id of this.#reached[i]!) {
        const orgs = orgsOf.get(id);
        if (orgs) orgs.add(org);
        else orgsOf.set(id, new Set([org]));
      }
    }
    return orgsOf;
  }

  /** Adds one with all it stands for, or throws a Refusal and adds nothing. `by`: a client, who may not do everything; or a filter of ours. */
  async add(to: Mailbox, params: RcptParams, by: 'client' | 'filter' = 'client'): Promise<void> {
    const { options, directory, log, isFull } = this.#parts;
    if (this.named.length >= options.recipientsMax) {
      throw new Refusal('tooManyRecipients', `more than ${options.recipientsMax} recipients`);
    }
    const asked = this.#asked(to);
    if (this.#of.simulated === true && by === 'client') return this.#simulate(to, params);
    if (by === 'client') await this.#of.suppressed?.(asked);
    const address = await directory.rewrite(asked, 'in', 'envelope');
    const expansion = new Expansion(directory, options, log);
    const resolution = await expansion.expand(address, this.#of.mayRelay || by === 'filter');
    this.#checkReturn(address, resolution);
    const asksForSuccess = params.notify?.includes('success') === true;
    const later = asksForSuccess && resolution.is === 'expanded' && expansion.targets.length > 1;
    const { targets, redirections } = later ? leftAlone(address, expansion) : expansion;
    const { account } = targets[0]!;
    if (
      redirections.length === 0 &&
      account !== '' &&
      (await isFull?.(account as AccountId, this.#of.sizeBytes))
    ) {
      throw new Refusal('mailboxFull', address);
    }
    const no = by === 'client' ? await this.#of.admit?.(address, expansion.org) : undefined;
    if (no !== undefined) throw new JudgedRefusal(no);
    if (this.queued.length + targets.length > options.expandedRecipientsMax) {
      throw new Refusal('tooManyRecipients', `more than ${options.expandedRecipientsMax} after expansion`);
    }
    this.#reached.push(this.#queueAll({ targets, redirections }, { asked, address, params }));
    this.#tell(redirections);
    this.#name(to, expansion.org);
    const one = targets.length === 1 && redirections.length === 0;
    this.envelope.push({ address, org: expansion.org, account: one ? account : '' });
  }

  /** Return paths of mail that was sent on are for reports: who else writes there would have us relay for them. */
  #checkReturn(address: string, resolution: Resolution): void {
    if (resolution.is !== 'expanded' || resolution.why !== 'returnPath') return;
    const sender = this.#of.sender?.() ?? '';
    if (isReturnLocal(splitAddress(address)?.local ?? '') || reporters.test(sender)) return;
    throw new Refusal('notAllowed', `${sender} writes to the return path ${address}`);
  }

  #simulate(to: Mailbox, params: RcptParams): void {
    const address = joinAddress(to);
    const target = { address, destination: simulatorDomain, org: '', account: '', key: address };
    const about = { asked: address, address, params };
    this.#reached.push(this.#queueAll({ targets: [target], redirections: [] }, about));
    this.#name(to, '');
    this.envelope.push({ address, org: '', account: '' });
  }

  /** `<Postmaster>` alone is whoever the settings name, or is responsible for the server. */
  #asked(to: Mailbox): string {
    const { postmaster, hostName } = this.#parts.options;
    if (to.domain === '') return postmaster || 'postmaster';
    const role = roleNames.has(to.local.toLowerCase()) && this.#isServer(to.domain.toLowerCase(), hostName);
    return role ? postmaster || 'postmaster' : joinAddress(to);
  }

  /** The server by its name, or by the address it was reached at (RFC 5321, 4.1.3). */
  #isServer(domain: string, hostName: string): boolean {
    if (domain === hostName.toLowerCase()) return true;
    const { localIp } = this.#of;
    return localIp !== '' && literalAddress(domain) === localIp;
  }

  #queueAll(
    { targets, redirections }: Expanded,
    { asked, address, params }: { asked: string; address: string; params: RcptParams },
  ): EntryId[] {
    // A sender knows the address it wrote: notices about what that became name it (RFC 3461, 4.2).
    const orcpt =
      params.orcpt ?? (redirections.length > 0 || address !== asked ? originalRecipient(asked) : '');
    const [first] = redirections;
    const through = first && { org: first.org, addresses: [address] };
    return targets.map((target) => {
      const taken = this.#taken.get(target.key);
      if (taken !== undefined) return taken;
      const id = newEntryId(this.#of.id, this.#entries++);
      this.#taken.set(target.key, id);
      this.queued.push({
        id,
        address: target.address,
        orcpt,
        notify: params.notify ?? unasked,
        destination: target.destination,
        ...(through && { through }),
      });
      return id;
    });
  }

  /** Takes one away again, with all that only it has led to. */
  drop(address: string): void {
    const name = address.toLowerCase();
    for (let i = this.named.length - 1; i >= 0; i--) {
      const to = joinAddress(this.named[i]!);
      if (to.toLowerCase() !== name) continue;
      this.named.splice(i, 1);
      this.envelope.splice(i, 1);
      this.#reached.splice(i, 1);
      for (const [org, list] of this.namedByOrg) {
        const left = list.filter((one) => one !== to);
        if (left.length === 0) this.namedByOrg.delete(org);
        else this.namedByOrg.set(org, left);
      }
    }
    const left = new Set(this.#reached.flat());
    for (const [key, id] of this.#taken) if (!left.has(id)) this.#taken.delete(key);
    this.queued.splice(0, this.queued.length, ...this.queued.filter(({ id }) => left.has(id)));
  }

  #name(to: Mailbox, org: string): void {
    this.named.push(to);
    const list = this.namedByOrg.get(org);
    if (list) list.push(joinAddress(to));
    else this.namedByOrg.set(org, [joinAddress(to)]);
  }

  /** To the owner of each address; a sender of another organisation hears only that there is something behind the one it named. */
  #tell(redirections: readonly Redirection[]): void {
    const { org: sending } = this.#of;
    for (const redirection of redirections) this.#event(redirection, redirection.org, redirection.to);
    const [first] = redirections;
    if (first && sending !== '' && sending !== first.org) this.#event(first, sending, []);
  }

  #event({ address, why }: Redirection, org: string, to: readonly string[]): void {
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

/** Local delivery expands it, and tells the sender so (RFC 3461, 5.2.7.2). */
function leftAlone(address: string, { org }: Expansion): Expanded {
  const key = address.toLowerCase();
  return { targets: [{ address, destination: 'local', org, account: '', key }], redirections: [] };
}

/** The null sender, and what mail systems without it call themselves. */
const reporters =
  /^$|^(?:mailer-?daemon|post_?master|bounces?|(?:mail|delivery)-?(?:delivery|system|subsystem|daemon)|no-?reply|do-?not-?reply)(?:[-+=._].*)?(?:@|$)/i;

const unasked: QueuedRecipient['notify'] = [];

function originalRecipient(address: string): string {
  return `${isAsciiText(address) ? 'rfc822' : 'utf-8'};${address}`;
}
