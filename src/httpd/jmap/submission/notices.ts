/**
 * Notices that came for what was sent: of its delivery (RFC 3464), and of its being read (RFC 8098). They are the emails of the account that refer to the
 * Message-ID of what was sent, as those of this server do; a bounce that names it nowhere in its header is not among them.
 */
import type { AccountId } from '../../../base/ids.ts';
import type { EmailNumber } from '../../../mailbox/ids.ts';
import { messageIdHash } from '../../../mailbox/email-facts.ts';
import type { Part } from '../../../proto/mime/structure.ts';
import type { HttpParts } from '../../parts.ts';
import { emailBlobId } from '../blob-id.ts';

type Parts = Pick<HttpParts, 'mailboxes'>;

export interface Notices {
  readonly dsnBlobIds: readonly string[];
  readonly mdnBlobIds: readonly string[];
}

export const noNotices: Notices = { dsnBlobIds: [], mdnBlobIds: [] };

/** Of one submission; the newest are told. */
const noticesMax = 100;

/** For each Message-ID, the oldest first. Ids without any are missing. */
export async function noticesFor(
  parts: Parts,
  account: AccountId,
  messageIds: readonly string[],
): Promise<ReadonlyMap<string, Notices>> {
  const byHash = new Map(messageIds.map((id) => [messageIdHash(id), id]));
  const { mail } = parts.mailboxes;
  const threads = await mail.threadsNaming(account, [...byHash.keys()]);
  const rows = (await mail.threads(account, threads, undefined)).values();
  const received = new Map([...rows].flat().map(({ email, received: atMs }) => [email, atMs]));
  const emails = [...received.keys()].sort((a, b) => received.get(a)! - received.get(b)! || a - b);
  const found = new Map<string, { dsn: string[]; mdn: string[] }>();
  for (const [email, { index, ancestors = [] }] of await parts.mailboxes.details(account, emails)) {
    const is = kindOf(index.root);
    const about = ancestors.map((hash) => byHash.get(hash)).find((id) => id !== undefined);
    if (is === undefined || about === undefined) continue;
    const of = found.get(about) ?? { dsn: [], mdn: [] };
    of[is].push(emailBlobId(email));
    found.set(about, of);
  }
  return new Map([...found].map(([id, of]) => [id, told(of, emails)]));
}

function told(
  { dsn, mdn }: { readonly dsn: readonly string[]; readonly mdn: readonly string[] },
  order: readonly EmailNumber[],
): Notices {
  const places = new Map(order.map((email, at) => [emailBlobId(email), at]));
  const inOrder = (ids: readonly string[]): string[] =>
    [...ids].sort((a, b) => places.get(a)! - places.get(b)!).slice(-noticesMax);
  return { dsnBlobIds: inOrder(dsn), mdnBlobIds: inOrder(mdn) };
}

function kindOf({ type, subtype, parts = [] }: Part): 'dsn' | 'mdn' | undefined {
  if (type !== 'multipart' || subtype !== 'report') return undefined;
  const reports = parts.filter((part) => part.type === 'message').map((part) => part.subtype);
  if (reports.some((each) => /^(?:global-)?delivery-status$/.test(each))) return 'dsn';
  return reports.some((each) => /^(?:global-)?disposition-notification$/.test(each)) ? 'mdn' : undefined;
}
