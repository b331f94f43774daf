/**
 * Senders of mail that is sent on by an address of ours, and their bounces: the sender is named by an address here (proto/srs), which for some weeks
 * stands for the true one.
 *
 * The key is one for all nodes and lies in the store; the first message that needs it makes it.
 */
import type { Clock } from '../base/clock.ts';
import { newSecret, type OrgId } from '../base/ids.ts';
import { splitAddress } from '../proto/smtp/path.ts';
import { unwrapped, wrapped } from '../proto/srs/return-path.ts';
import {
  complaintLocal,
  readReturnLocal,
  recipientHash,
  reportLocal,
  unsubscribeLocal,
  type ReturnToken,
} from '../proto/srs/return-token.ts';
import {
  readUnsubscribeToken,
  type Unsubscribing,
  unsubscribeToken,
} from '../proto/srs/unsubscribe-token.ts';
import type { Store } from '../store/store.ts';
import { maybe } from '../store/transaction.ts';
import type { ReadCache } from './read/cache.ts';
import type { Resolution } from './resolution.ts';
import { makeSecret } from './write/secret.ts';

/** Nothing is on its way for longer, and then come bounces of bounces. */
const keptDays = 21;
const secretName = 'return paths';
/** The place where reports are read; it exists nowhere else (RFC 6761, 6.4). */
export const returnedDomain = 'returned.invalid';

export interface ReturnPathParts {
  readonly store: Store;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly cache: ReadCache;
}

export class ReturnPaths {
  readonly #parts: ReturnPathParts;

  constructor(parts: ReturnPathParts) {
    this.#parts = parts;
  }

  /** The sender under which mail leaves that came to an address of `domain`. */
  async wrap(sender: string, domain: string): Promise<string> {
    const { clock } = this.#parts;
    return wrapped(sender, { domain, key: await this.#key(), nowMs: clock.nowMs() }) ?? sender;
  }

  /** What such an address of a domain of ours stands for. */
  async resolve(address: string, org: OrgId): Promise<Resolution> {
    const local = splitAddress(address)?.local ?? '';
    const key = await this.#knownKey();
    const { clock } = this.#parts;
    const sender = key === undefined ? undefined : unwrapped(local, { key, nowMs: clock.nowMs(), keptDays });
    if (sender === undefined) return { is: 'unknown' };
    return { is: 'expanded', to: [sender], why: 'returnPath', org, address, mailboxDetail: '' };
  }

  /** Where reports about a mail to one recipient come to. */
  /** What a link says by which a reader wants no more of this mail. */
  async unsubscribeToken(about: Unsubscribing): Promise<string> {
    return unsubscribeToken(about, await this.#key());
  }

  /** Undefined: none of ours. */
  async readUnsubscribe(token: string): Promise<Unsubscribing | undefined> {
    const key = await this.#knownKey();
    return key === undefined ? undefined : readUnsubscribeToken(token, key);
  }

  /** Where mails come to that want no more. */
  async unsubscribeAddress(message: string, domain: string): Promise<string> {
    return `${unsubscribeLocal(message, await this.#key())}@${domain}`;
  }

  async reportAddress(message: string, recipient: string, domain: string): Promise<string> {
    return `${reportLocal(message, recipient, await this.#key())}@${domain}`;
  }

  /** Where complaints about a mail come to (RFC 9477). */
  async complaintAddress(message: string, domain: string): Promise<string> {
    return `${complaintLocal(message, await this.#key())}@${domain}`;
  }

  /** What an address of ours of this form speaks of, and which of its recipients (by what `isOf` says). Undefined: it is none of ours. */
  async read(
    address: string,
  ): Promise<(ReturnToken & { readonly isOf: (recipient: string) => boolean }) | undefined> {
    const key = await this.#knownKey();
    const token = key && readReturnLocal(splitAddress(address)?.local ?? '', key);
    if (!token) return undefined;
    return { ...token, isOf: (recipient) => recipientHash(recipient, key) === token.recipient };
  }

  /** Reports go to whoever reads them, by an address of that place. */
  async resolveReport(address: string, org: OrgId): Promise<Resolution> {
    const token = await this.read(address);
    if (token === undefined) return { is: 'unknown' };
    const to = `${splitAddress(address)!.local}@${returnedDomain}`;
    return { is: 'expanded', to: [to], why: 'returnPath', org, address, mailboxDetail: '' };
  }

  #knownKey(): Promise<string | undefined> {
    return this.#parts.cache.get('return path key', function* () {
      const found = yield* maybe<{ secret: string }>(
        'select secret from directory_secret where name = ?',
        secretName,
      );
      return found?.secret;
    });
  }

  async #key(): Promise<string> {
    const known = await this.#knownKey();
    if (known !== undefined) return known;
    const { store, cache } = this.#parts;
    const key = await store.write(makeSecret, { name: secretName, secret: newSecret(keyBytes) });
    cache.forget();
    return key;
  }
}

const keyBytes = 32;
