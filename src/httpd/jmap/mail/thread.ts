/** Threads (RFC 8621, 3): the emails of each, the oldest first. */
import { emailId, emailNumber, threadId, threadNumber } from '../../../mailbox/ids.ts';
import { idsOf, picked, propertiesOf } from '../../../proto/jmap/arguments.ts';
import type { HttpParts } from '../../parts.ts';
import type { Method } from '../method.ts';
import { allEmails } from './email-get.ts';
import { numbersOf, type Reach, reachOf } from './reach.ts';

async function allThreads(parts: Pick<HttpParts, 'mailboxes'>, reach: Reach): Promise<readonly string[]> {
  const numbers = (await allEmails(parts, reach)).map((id) => emailNumber(id)!);
  const rows = await parts.mailboxes.mail.emails(reach.account.id, numbers, reach.readable);
  return [...new Set([...rows.values()].map(([first]) => threadId(first!.thread)))];
}

export const threadGet =
  ({ mailboxes }: Pick<HttpParts, 'mailboxes'>): Method =>
  async (args, context) => {
    const reach = await reachOf({ mailboxes }, args, context);
    const properties = propertiesOf(args, ['id', 'emailIds']);
    const ids = idsOf(args, 'ids');
    const { found, notFound } = numbersOf(
      context,
      ids ?? (await allThreads({ mailboxes }, reach)),
      threadNumber,
    );
    const account = reach.account.id;
    const state = String(await mailboxes.mail.version(account));
    const threads = await mailboxes.mail.threads(account, [...found.keys()], reach.readable);
    const list: object[] = [];
    for (const [number, id] of found) {
      const rows = threads.get(number);
      if (rows === undefined) {
        notFound.push(id);
        continue;
      }
      const receivedAt = new Map(rows.map(({ email, received }) => [email, received]));
      const emails = [...receivedAt.keys()].sort((a, b) => receivedAt.get(a)! - receivedAt.get(b)! || a - b);
      list.push(picked({ id: threadId(number), emailIds: emails.map(emailId) }, properties));
    }
    return { accountId: account, state, list, notFound };
  };
