/**
 * Ids and random numbers. Ids are branded: swapping two kinds does not type-check.
 *
 * A `MessageId` is what a sender sees in the 250 reply and what the journey is found by. It is 20 characters of
 * Crockford's base 32 in lower case (no i, l, o, u): 48 bits of milliseconds, 52 random bits. So ids sort by time, are unique across
 * threads and nodes without talking to anyone, and can be read out over the telephone.
 */
import { getRandomValues, randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** One accepted mail transaction: the same for all its recipients, from the 250 reply to the last mailbox. */
export type MessageId = Branded<string, 'MessageId'>;
/** One recipient of one message in the queue. */
export type EntryId = Branded<string, 'EntryId'>;
export type OrgId = Branded<string, 'OrgId'>;
export type AccountId = Branded<string, 'AccountId'>;
/** An app password or an API key. */
export type CredentialId = Branded<string, 'CredentialId'>;
export type MailboxId = Branded<string, 'MailboxId'>;
/** One stored email of an account (JMAP Email id, IMAP EMAILID): the same in every mailbox it is in. */
export type EmailId = Branded<string, 'EmailId'>;
export type ThreadId = Branded<string, 'ThreadId'>;
/** IMAP unique identifier within a mailbox: 1 to 2^32 - 1 (RFC 9051, 2.3.1.1). */
export type Uid = Branded<number, 'Uid'>;
/** Modification sequence: at least 1, below 2^53 for us (RFC 7162, 3.1). The same number is the JMAP state. */
export type ModSeq = Branded<number, 'ModSeq'>;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const pool = new Uint8Array(1024);
let poolAt = pool.length;

function randomByte(): number {
  if (poolAt === pool.length) {
    getRandomValues(pool);
    poolAt = 0;
  }
  return pool[poolAt++]!;
}

/** Sixteen characters or so of base 32, sorted by time to the millisecond: `timeChars` of time, the rest random. */
function timeOrderedId(clock: Clock, randomChars: number): string {
  let time = clock.nowMs();
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = alphabet[time % 32]! + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  for (let i = 0; i < randomChars; i++) tail += alphabet[randomByte() & 31]!;
  return head + tail;
}

export const newMessageId = (clock: Clock): MessageId => timeOrderedId(clock, 10) as MessageId;
/** When an id was made, to the millisecond. */
export function timeOfMessage(id: string): number {
  let time = 0;
  for (const char of id.slice(0, 10)) time = time * 32 + alphabet.indexOf(char);
  return time;
}

export const newEntryId = (message: MessageId, index: number): EntryId => `${message}-${index}` as EntryId;
/** Its place in the message, from 0: never given twice. */
export const entryIndex = (id: EntryId): number => Number(id.slice(id.lastIndexOf('-') + 1));
export const newOrgId = (clock: Clock): OrgId => timeOrderedId(clock, 6) as OrgId;
export const newAccountId = (clock: Clock): AccountId => timeOrderedId(clock, 6) as AccountId;
export const newCredentialId = (clock: Clock): CredentialId => timeOrderedId(clock, 6) as CredentialId;

/** A secret of `bytes` random bytes in base64url, for passwords, keys and tokens. */
export const newSecret = (bytes = 24): string => randomBytes(bytes).toString('base64url');

/** No look-alikes; 32 of them, so each random byte's low five bits choose one. */
const spokenAlphabet = 'abcdefghjkmnpqrstuvwxyz023456789';
const spokenGroups = 4;
const spokenGroupChars = 5;

/** A password that is read, typed and told by people: `xk3f9-…`, 100 random bits. */
export function newSpokenSecret(): string {
  const chars = Array.from(
    randomBytes(spokenGroups * spokenGroupChars),
    (byte) => spokenAlphabet[byte & 31]!,
  );
  const groups = Array.from({ length: spokenGroups }, (_, i) =>
    chars.slice(i * spokenGroupChars, (i + 1) * spokenGroupChars),
  );
  return groups.map((group) => group.join('')).join('-');
}

/** A number in [0, 1), for jitter and shuffling: not for secrets. */
export function randomFraction(): number {
  return (randomByte() * 65_536 + randomByte() * 256 + randomByte()) / 16_777_216;
}

/** A new array in random order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: () => number = randomFraction): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
