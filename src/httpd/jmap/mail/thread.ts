/** Threads (RFC 8621, 3): the emails of each, the oldest first. */
import { emailId, threadId, threadNumber } from '../../../mailbox/ids.ts';
import { idsOf, picked, propertiesOf } from '../../../proto/jmap/arguments.ts';
import { MethodError } from '../../../proto/jmap/method-error.ts';
import type { HttpParts } from '../../parts.ts';
import type { Method } from '../method.ts';
import { numbersOf, reachOf } from './reach.ts';

export const threadGet =
  ({ mailboxes }: Pick<HttpParts, 'mailboxes'>): Method =>
  async (args, context) => {
    const reach = await reachOf({ mailboxes }, args, context);
    const properties = propertiesOf(args, ['id', 'emailIds']);
    const ids = idsOf(args, 'ids');
    if (ids === undefined) throw new MethodError('requestTooLarge', 'name the threads');
    const { found, notFound } = numbersOf(context, ids, threadNumber);
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
