/**
 * What an address stands for in the end: our mailboxes and addresses elsewhere, with aliases, groups, forwards and catch-alls replaced by
 * their members.
 *
 * Bounds: number of targets, depth. A loop ends because no address is expanded twice. Members that no longer exist or are switched off are
 * passed over (told to `log`); an address of which nothing is left is unknown.
 *
 * A forward that keeps a copy stays one target, the mailbox itself: local delivery, which looks its address up again, leaves the copy
 * and sends on. Were it expanded here as well, the others would get the message twice. So that sending on comes to an end, a
 * forward that leads back to itself is refused here.
 */
import type { Directory } from '../directory/directory.ts';
import type { Resolution } from '../directory/resolution.ts';
import type { Log } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import { splitAddress } from '../proto/smtp/path.ts';

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
  readonly why: 'alias' | 'group' | 'forward' | 'catchAll';
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
  readonly #directory: Pick<Directory, 'resolve'>;
  readonly #limits: ExpansionLimits;
  readonly #log: Log;
  readonly #keys = new Set<string>();
  readonly #visited = new Set<string>();
  readonly #followed = new Set<string>();

  constructor(directory: Pick<Directory, 'resolve'>, limits: ExpansionLimits, log: Log) {
    this.#directory = directory;
    this.#limits = limits;
    this.#log = log;
  }

  /** Refusal when the address itself is not one of ours (`relayDenied`, unless `mayRelay`), is unknown or switched off. */
  async expand(address: string, mayRelay: boolean): Promise<void> {
    const found = await this.#directory.resolve(address);
    if (found.is === 'unknown') throw new Refusal('mailboxUnknown', address);
    if (found.is === 'disabled') throw new Refusal('mailboxDisabled', address);
    if (found.is === 'remote' && !mayRelay) throw new Refusal('relayDenied', address);
    await this.#take(address, found, 0);
    if (this.targets.length === 0) throw new Refusal('mailboxUnknown', `${address} leads nowhere`);
  }

  async #take(address: string, found: Resolution, depth: number): Promise<void> {
    if (found.is === 'account') this.#local(address, found.account, found);
    else if (found.is === 'remote') this.#remote(address);
    else if (found.is === 'expanded') await this.#members(address, found, depth + 1);
    else this.#log.warn({ address, is: found.is }, 'a member of an alias gets no mail');
  }

  async #members(address: string, found: Expanded, depth: number): Promise<void> {
    if (depth > this.#limits.expansionDepthMax)
      throw new Refusal('mailLoop', `${address}: too many aliases in a row`);
    if (found.alsoAccount !== undefined) {
      await this.#refuseCircle(found, [found.alsoAccount]);
      return this.#local(address, found.alsoAccount, found);
    }
    this.redirections.push({ address, to: found.to, why: found.why, org: found.org });
    for (const member of found.to) {
      const name = member.toLowerCase();
      if (this.#visited.has(name)) continue;
      this.#visited.add(name);
      await this.#take(member, await this.#directory.resolve(member), depth);
    }
  }

  /** Follows a forward that is not expanded here, each address once. `path` is what led to it. */
  async #refuseCircle({ to }: Expanded, path: readonly string[]): Promise<void> {
    for (const member of to) {
      const found = await this.#directory.resolve(member);
      if (found.is !== 'expanded') continue;
      const step = found.alsoAccount ?? member.toLowerCase();
      if (path.includes(step) || path.length > this.#limits.expansionDepthMax) {
        throw new Refusal('mailLoop', `${member}: forwards go in a circle`);
      }
      if (this.#followed.has(step)) continue;
      await this.#refuseCircle(found, [...path, step]);
      this.#followed.add(step);
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
