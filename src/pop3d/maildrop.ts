/**
 * The maildrop of one session: INBOX, or the mailbox that the account has chosen, as it was at login, and what is marked as deleted (RFC 1939, 3 and 5).
 *
 * It is a copy of numbers, about 13 bytes a message, so nothing that others do changes a message number. That is what the RFC's exclusive lock is for;
 * we take none, since a phone that went out of reach would lock everybody else out for ten minutes. What was removed meanwhile by others cannot be retrieved, and need
 * not be deleted again.
 */
import type { MailboxId, Uid } from '../base/ids.ts';
import type { MailboxView } from '../mailbox/mailbox-view.ts';

export interface MaildropHow {
  readonly mailbox: MailboxId;
  /** Older messages are not shown. */
  readonly sinceMs?: number | undefined;
  /** Unique ids that are not our own, by uid. */
  readonly uidls?: ReadonlyMap<number, string>;
  /** Days after which what was retrieved is deleted; undefined: never. */
  readonly expireDays?: number | undefined;
}

export class Maildrop {
  readonly mailbox: MailboxId;
  readonly expireDays: number | undefined;
  readonly #uidls: ReadonlyMap<number, string>;
  readonly #uidValidity: number;
  readonly #uids: Uint32Array;
  readonly #sizes: Uint32Array;
  readonly #emails: Uint32Array;
  readonly #deleted: Uint8Array;
  /** Messages retrieved whole in this session. */
  readonly #retrieved = new Set<number>();
  #count: number;
  #octets = 0;

  constructor(view: MailboxView, { mailbox, sinceMs = -Infinity, uidls, expireDays }: MaildropHow) {
    this.mailbox = mailbox;
    this.expireDays = expireDays;
    this.#uidls = uidls ?? new Map();
    const positions: number[] = [];
    for (let at = 0; at < view.count; at++) if (view.receivedAtMsAt(at) >= sinceMs) positions.push(at);
    const size = positions.length;
    this.#uidValidity = view.uidValidity;
    this.#uids = new Uint32Array(size);
    this.#sizes = new Uint32Array(size);
    this.#emails = new Uint32Array(size);
    this.#deleted = new Uint8Array(size);
    this.#count = size;
    positions.forEach((at, i) => {
      this.#uids[i] = view.uidAt(at);
      this.#sizes[i] = view.sizeAt(at);
      this.#emails[i] = view.emailAt(at);
      this.#octets += view.sizeAt(at);
    });
  }

  /** Messages and octets without the deleted ones. */
  get count(): number {
    return this.#count;
  }
  get octets(): number {
    return this.#octets;
  }

  /** There is such a message, and it is not marked as deleted. */
  has(message: number): boolean {
    return message >= 1 && message <= this.#uids.length && this.#deleted[message - 1] === 0;
  }

  sizeOf(message: number): number {
    return this.#sizes[message - 1]!;
  }

  emailOf(message: number): number {
    return this.#emails[message - 1]!;
  }

  /** Of all messages, in their order. */
  get emails(): Uint32Array {
    return this.#emails;
  }

  /** UIDVALIDITY and uid: the same in every session, and of no other message ever (RFC 1939, 7; at most 70 characters). */
  uniqueIdOf(message: number): string {
    const uid = this.#uids[message - 1]!;
    return this.#uidls.get(uid) ?? `${this.#uidValidity}.${uid}`;
  }

  retrieved(message: number): void {
    this.#retrieved.add(message);
  }

  /** Uids of what was retrieved in this session and is not deleted. */
  retrievedUids(): Uid[] {
    const messages = [...this.#retrieved].filter((message) => this.has(message));
    return messages.map((message) => this.#uids[message - 1]! as Uid).sort((a, b) => a - b);
  }

  delete(message: number): void {
    this.#deleted[message - 1] = 1;
    this.#count -= 1;
    this.#octets -= this.sizeOf(message);
  }

  /** Takes all marks away. */
  reset(): void {
    for (const [at, marked] of this.#deleted.entries()) {
      if (marked === 0) continue;
      this.#count += 1;
      this.#octets += this.#sizes[at]!;
    }
    this.#deleted.fill(0);
  }

  deletedUids(): Uint32Array {
    return this.#uids.filter((_, at) => this.#deleted[at] === 1);
  }

  /** Numbers of the messages that are left. */
  *messages(): Generator<number> {
    for (let message = 1; message <= this.#uids.length; message++) if (this.has(message)) yield message;
  }
}
