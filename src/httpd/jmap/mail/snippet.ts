/** SearchSnippet/get (RFC 8621, 5.1). */
import type { Criterion } from '../../../mailbox/criterion.ts';
import type { EmailFilter } from '../../../mailbox/email-filter.ts';
import { emailNumber } from '../../../mailbox/ids.ts';
import { idsOf } from '../../../proto/jmap/arguments.ts';
import { invalidArguments } from '../../../proto/jmap/method-error.ts';
import type { HttpParts } from '../../parts.ts';
import type { Method } from '../method.ts';
import { readEmailFilter } from './email-filter.ts';
import { numbersOf, reachOf } from './reach.ts';

/** Emails that are read together. */
const piece = 50;

export const snippetGet =
  ({ mailboxes }: Pick<HttpParts, 'mailboxes'>): Method =>
  async (args, context) => {
    const reach = await reachOf({ mailboxes }, args, context);
    const filter = readEmailFilter(args['filter'], reach, context);
    const ids = idsOf(args, 'emailIds');
    if (ids === undefined) throw invalidArguments('emailIds is missing');
    const { found, notFound } = numbersOf(context, ids, emailNumber);
    const account = reach.account.id;
    const there = await mailboxes.mail.emails(account, [...found.keys()], reach.readable);
    const criterion = textsOf(filter);
    const numbers = [...found.keys()].filter((number) => there.has(number));
    for (const [number, id] of found) if (!there.has(number)) notFound.push(id);
    const list: object[] = [];
    for (let at = 0; at < numbers.length; at += piece) {
      const some = numbers.slice(at, at + piece);
      const snippets = await mailboxes.findings.snippets(account, criterion, some);
      for (const number of some) {
        const { subject = null, preview = null } = snippets.get(number) ?? {};
        list.push({ emailId: found.get(number), subject, preview });
      }
    }
    return { accountId: account, list, notFound: notFound.length === 0 ? null : notFound };
  };

/** What is looked for; what must not be there is not shown. */
function textsOf(filter: EmailFilter | undefined): Criterion {
  const of: Criterion[] = [];
  const visit = (each: EmailFilter): void => {
    if (each.is === 'text') of.push(each.criterion);
    else if (each.is === 'and' || each.is === 'or') each.of.forEach(visit);
  };
  if (filter !== undefined) visit(filter);
  return { is: 'or', of };
}
