/** Email/get (RFC 8621, 4.2). */
import type { AccountId } from '../../../base/ids.ts';
import { emailId, emailNumber, type EmailNumber } from '../../../mailbox/ids.ts';
import type { Mailboxes, StoredBody } from '../../../mailbox/mailboxes.ts';
import { idsOf } from '../../../proto/jmap/arguments.ts';
import { type EmailAsk, readEmailAsk } from '../../../proto/jmap/email-properties.ts';
import { limits } from '../../../proto/jmap/limits.ts';
import { MethodError } from '../../../proto/jmap/method-error.ts';
import type { HttpParts } from '../../parts.ts';
import type { Method } from '../method.ts';
import { emailBlobId } from '../blob-id.ts';
import { emailJson, metadataOf } from './email-json.ts';
import { MessageSource } from './message-source.ts';
import { numbersOf, type Reach, reachOf } from './reach.ts';

/** Emails whose bodies are in memory together. */
const piece = 50;

export const emailGet =
  ({ mailboxes }: Pick<HttpParts, 'mailboxes'>): Method =>
  async (args, context) => {
    const ask = readEmailAsk(args, 'get');
    const ids = idsOf(args, 'ids');
    const account = await context.account(args);
    const state = String(await mailboxes.mail.version(account.id));
    const reach = await reachOf({ mailboxes }, args, context);
    const { found, notFound } = numbersOf(
      context,
      ids ?? (await allEmails({ mailboxes }, reach)),
      emailNumber,
    );
    const { list, missing } = await emailsJson({ mailboxes, reach, ask }, [...found.keys()]);
    for (const number of missing) notFound.push(found.get(number)!);
    return { accountId: account.id, state, list, notFound };
  };

/** Ids of all emails, where they are not too many to be told at once (RFC 8620, 5.1). */
export async function allEmails(
  { mailboxes }: Pick<HttpParts, 'mailboxes'>,
  { account, readable }: Reach,
): Promise<readonly string[]> {
  const all = { filter: undefined, sort: [], collapse: false };
  const { emails } = await mailboxes.mail.query(account.id, all, readable);
  if (emails.length > limits.maxObjectsInGet) throw new MethodError('requestTooLarge', 'name the ids');
  return Array.from(emails, emailId);
}

interface Asked {
  readonly mailboxes: Mailboxes;
  readonly reach: Reach;
  readonly ask: EmailAsk;
}

/** In the order of the numbers. */
export async function emailsJson(
  { mailboxes, reach, ask }: Asked,
  numbers: readonly EmailNumber[],
): Promise<{ list: Record<string, unknown>[]; missing: EmailNumber[] }> {
  const account = reach.account.id;
  const rows = await mailboxes.mail.emails(account, numbers, reach.readable);
  const there = numbers.filter((number) => rows.has(number));
  const missing = numbers.filter((number) => !rows.has(number));
  const list: Record<string, unknown>[] = [];
  const needsDetails = ask.headers.length > 0 || !ask.properties.every((name) => plain.has(name));
  for (let at = 0; at < there.length; at += piece) {
    const some = there.slice(at, at + piece);
    const details = needsDetails ? await mailboxes.details(account, some) : new Map();
    const bodies = new Bodies(mailboxes, account, some);
    for (const number of some) {
      const metadata = metadataOf(rows.get(number)!, emailBlobId(number));
      const known = details.get(number);
      if (needsDetails && known === undefined) {
        missing.push(number);
        continue;
      }
      const source = new MessageSource(known, emailBlobId(number), (start, end) =>
        bodies.read(number, start, end),
      );
      list.push(await emailJson(source, metadata, ask));
    }
  }
  return { list, missing };
}

/** What is not asked of the message. */
const plain: ReadonlySet<string> = new Set([
  'id',
  'blobId',
  'threadId',
  'mailboxIds',
  'keywords',
  'size',
  'receivedAt',
]);

/** Bodies of some emails, all read at once when the first is asked for. */
class Bodies {
  readonly #mailboxes: Mailboxes;
  readonly #account: AccountId;
  readonly #emails: readonly EmailNumber[];
  #all: Promise<ReadonlyMap<EmailNumber, StoredBody>> | undefined;

  constructor(mailboxes: Mailboxes, account: AccountId, emails: readonly EmailNumber[]) {
    this.#mailboxes = mailboxes;
    this.#account = account;
    this.#emails = emails;
  }

  async read(email: EmailNumber, start: number, end: number): Promise<Uint8Array> {
    const body = await this.#bodyOf(email);
    if (body === undefined) return Buffer.alloc(0);
    if (body.is === 'inline') return body.bytes.subarray(start, end);
    return this.#mailboxes.read(body, start, end - start);
  }

  async #bodyOf(email: EmailNumber): Promise<StoredBody | undefined> {
    if (this.#emails.length === 1) return this.#mailboxes.body(this.#account, email);
    this.#all ??= this.#mailboxes.bodies(this.#account, this.#emails);
    return (await this.#all).get(email);
  }
}
