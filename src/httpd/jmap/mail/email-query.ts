/** Email/query and Email/queryChanges (RFC 8621, 4.4 and 4.5). */
import type { Changed } from '../../../mailbox/account-mail.ts';
import type { EmailFilter, EmailQuery } from '../../../mailbox/email-filter.ts';
import { emailId, emailNumber, type EmailNumber } from '../../../mailbox/ids.ts';
import { booleanOf, optionalString, requiredString, unsignedOf } from '../../../proto/jmap/arguments.ts';
import { MethodError } from '../../../proto/jmap/method-error.ts';
import { queryAnswer, readWindow, windowed } from '../../../proto/jmap/query-window.ts';
import type { Arguments } from '../../../proto/jmap/request.ts';
import type { HttpParts } from '../../parts.ts';
import type { Context, Method } from '../method.ts';
import { isImmutable, readEmailFilter, readEmailSort } from './email-filter.ts';
import { type Reach, reachOf } from './reach.ts';

type Parts = Pick<HttpParts, 'mailboxes'>;

export const emailQuery =
  (parts: Parts): Method =>
  async (args, context) => {
    const window = readWindow(args);
    const { reach, query } = await readQuery(parts, args, context);
    const account = reach.account.id;
    const { emails, version } = await parts.mailboxes.mail.query(account, query, reach.readable);
    const indexOf = (anchor: string): number => emails.indexOf(emailNumber(anchor) ?? -1);
    const { position, ids } = windowed(window, emails, indexOf);
    return {
      accountId: account,
      collapseThreads: query.collapse,
      ...queryAnswer(window, {
        state: String(version),
        total: emails.length,
        position,
        ids: ids.map(emailId),
        canCalculateChanges: true,
      }),
    };
  };

async function readQuery(
  parts: Parts,
  args: Arguments,
  context: Context,
): Promise<{ reach: Reach; query: EmailQuery }> {
  const reach = await reachOf(parts, args, context);
  const filter = readEmailFilter(args['filter'], reach, context);
  const sort = readEmailSort(args['sort']);
  return { reach, query: { filter, sort, collapse: booleanOf(args, 'collapseThreads') } };
}

/**
 * Whatever changed may have been among the old results, and is told anew where it is now (RFC 8620, 5.6). Where other emails of a thread decide
 * what is shown, so may all of its emails have been.
 */
export const emailQueryChanges =
  (parts: Parts): Method =>
  async (args, context) => {
    const since = requiredString(args, 'sinceQueryState');
    const maxChanges = unsignedOf(args, 'maxChanges');
    const upToId = optionalString(args, 'upToId');
    const calculateTotal = booleanOf(args, 'calculateTotal');
    const { reach, query } = await readQuery(parts, args, context);
    const account = reach.account.id;
    const { mail } = parts.mailboxes;
    const { emails, version } = await mail.query(account, query, reach.readable);
    const changes = await mail.changes(account, since, reach.readable);
    if (changes === undefined) throw new MethodError('cannotCalculateChanges');
    const touched = new Map(changes.emails.map((each) => [each.number, each]));
    if (
      query.collapse ||
      asksThreads(query.filter) ||
      query.sort.some(({ by }) => by === 'allInThread' || by === 'someInThread')
    )
      await addThreads(parts, reach, touched);
    const removed = [...touched.values()]
      .filter(({ is }) => is !== 'created')
      .map(({ number }) => emailId(number));
    const upTo = upToIndex(emails, isImmutable(query.filter, query.sort) ? upToId : undefined);
    const added: { id: string; index: number }[] = [];
    for (let index = 0; index <= upTo; index++)
      if (touched.has(emails[index]!)) added.push({ id: emailId(emails[index]!), index });
    if (maxChanges !== undefined && removed.length + added.length > maxChanges)
      throw new MethodError('tooManyChanges');
    return {
      accountId: account,
      oldQueryState: since,
      newQueryState: String(version),
      ...(calculateTotal ? { total: emails.length } : {}),
      removed,
      added,
    };
  };

function upToIndex(emails: Uint32Array, upToId: string | undefined): number {
  const index = upToId === undefined ? -1 : emails.indexOf(emailNumber(upToId) ?? -1);
  return index === -1 ? emails.length - 1 : index;
}

function asksThreads(filter: EmailFilter | undefined): boolean {
  if (filter === undefined) return false;
  if (filter.is === 'and' || filter.is === 'or') return filter.of.some(asksThreads);
  return filter.is === 'not' ? asksThreads(filter.of) : filter.is === 'threadKeyword';
}

/** All other emails of threads that something happened to. */
async function addThreads(
  { mailboxes }: Parts,
  reach: Reach,
  touched: Map<EmailNumber, Changed>,
): Promise<void> {
  const account = reach.account.id;
  const living = await mailboxes.mail.emails(account, [...touched.keys()], reach.readable);
  const threads = new Set([...living.values()].map((rows) => rows[0]!.thread));
  for (const each of touched.values()) if (each.thread !== undefined) threads.add(each.thread);
  for (const rows of (await mailboxes.mail.threads(account, [...threads], reach.readable)).values())
    for (const { email } of rows)
      if (!touched.has(email)) touched.set(email, { number: email, at: 0, is: 'updated' });
}
