/**
 * What an address stands for in the end: our mailboxes and addresses elsewhere, with aliases, groups, forwards and catch-alls replaced by
 * their members.
 *
 * Bounds: number of targets, depth. A loop ends because no address is expanded twice. Members that no longer exist or are switched off are
 * passed over (told to `log`); an address of which nothing is left is unknown, or goes in a circle.
 *
 * A forward that keeps a copy is a target itself, the mailbox: whoever delivers there leaves the copy and expands its members. Were they
 * targets too, they would get the message twice.
 *
 * An alias hands its subaddress on: `sales+2026` that stands for `alice` is `alice+2026`, where that leads to the same.
 */
import type { Log } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import { splitAddress } from '../proto/smtp/path.ts';
import type { Directory } from './directory.ts';
import { withDetail, type Resolution } from './resolution.ts';

/** One place a message is to go to. */
export interface Target {
  readonly address: string;
  /** As in `QueuedRecipient`. */
  readonly destination: string;
  /** Ours: whose, and for which account; `''` for others. */
  readonly org: string;
  readonly account: string;
  /** Equal for two targets that are the same mailbox. */
  readonly key: string;
}

export interface Redirection {
  readonly address: string;
  readonly to: readonly string[];
  readonly why: Expanded['why'];
  readonly org: string;
}

export interface ExpansionLimits {
  readonly expandedRecipientsMax: number;
  readonly expansionDepthMax: number;
}

type Expanded = Extract<Resolution, { is: 'expanded' }>;

export class Expansion {
  readonly targets: Target[] = [];
  readonly redirections: Redirection[] = [];
  /** Whose the address itself is; `''` when it is not ours. */
  org = '';
  readonly #directory: Pick<Directory, 'resolve'>;
  readonly #limits: ExpansionLimits;
  readonly #log: Log;
  readonly #keys = new Set<string>();
  readonly #visited = new Set<string>();
  #circle = false;

  constructor(directory: Pick<Directory, 'resolve'>, limits: ExpansionLimits, log: Log) {
    this.#directory = directory;
    this.#limits = limits;
    this.#log = log;
  }

  /** Refusal when the address itself is not one of ours (`relayDenied`, unless `mayRelay`), is unknown or switched off. */
  async expand(address: string, mayRelay: boolean): Promise<Resolution> {
    const found = await this.#directory.resolve(address);
    if (found.is === 'unknown') throw new Refusal('mailboxUnknown', address);
    if (found.is === 'disabled') throw new Refusal('mailboxDisabled', address);
    if (found.is === 'remote' && !mayRelay) throw new Refusal('relayDenied', address);
    if (found.is !== 'remote') this.org = found.org;
    await this.#take(address, found, 0);
    this.#check(address);
    return found;
  }

  /** What a forward that keeps a copy, or anything else that stands for others, leads to. */
  async expandMembers(address: string, found: Expanded): Promise<void> {
    await this.#members(address, found, 1);
    if (found.alsoAccount === undefined) this.#check(address);
  }

  #check(address: string): void {
    if (this.targets.length > 0) return;
    if (this.#circle) throw new Refusal('mailLoop', `${address} leads to itself`);
    throw new Refusal('mailboxUnknown', `${address} leads nowhere`);
  }

  async #take(address: string, found: Resolution, depth: number): Promise<void> {
    if (found.is === 'account') this.#local(address, found.account, found);
    else if (found.is === 'remote') this.#remote(address);
    else if (found.is === 'expanded' && found.alsoAccount !== undefined)
      this.#local(address, found.alsoAccount, found);
    else if (found.is === 'expanded') await this.#members(address, found, depth + 1);
    else this.#log.warn({ address, is: found.is }, 'a member of an alias gets no mail');
  }

  async #members(address: string, found: Expanded, depth: number): Promise<void> {
    if (depth > this.#limits.expansionDepthMax)
      throw new Refusal('mailLoop', `${address}: too many aliases in a row`);
    this.redirections.push({ address, to: found.to, why: found.why, org: found.org });
    this.#visited.add(address.toLowerCase());
    for (const member of found.to) {
      const { address: next, resolution } = await withDetail(this.#directory, member, { address, found });
      const name = next.toLowerCase();
      if (this.#visited.has(name)) {
        this.#circle = true;
        continue;
      }
      this.#visited.add(name);
      await this.#take(next, resolution, depth);
    }
  }

  #local(
    address: string,
    account: string,
    found: { readonly org: string; readonly mailboxDetail: string },
  ): void {
    const key = `${account} ${found.mailboxDetail}`;
    this.#add({ address, destination: 'local', org: found.org, account, key });
  }

  #remote(address: string): void {
    const mailbox = splitAddress(address);
    const destination = domainToAscii(mailbox?.domain ?? '');
    if (mailbox === null || destination === undefined) throw new Refusal('addressInvalid', address);
    this.#add({ address, destination, org: '', account: '', key: `${mailbox.local}@${destination}` });
  }

  #add(target: Target): void {
    if (this.#keys.has(target.key)) return;
    if (this.targets.length >= this.#limits.expandedRecipientsMax) {
      throw new Refusal('tooManyRecipients', `${target.address}: too many after expansion`);
    }
    this.#keys.add(target.key);
    this.targets.push(target);
  }
}
