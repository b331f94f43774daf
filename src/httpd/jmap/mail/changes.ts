/** /changes of mailboxes, threads and emails (RFC 8620, 5.2): one history, of which each type tells its part. */
import { type AccountChanges, type Changed, formatState } from '../../../mailbox/account-mail.ts';
import { emailId, mailboxId, threadId } from '../../../mailbox/ids.ts';
import { requiredString, unsignedOf } from '../../../proto/jmap/arguments.ts';
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import type { HttpParts } from '../../parts.ts';
import type { Answer, Method } from '../method.ts';
import { reachOf, visible } from './reach.ts';

type Kind = 'emails' | 'threads' | 'mailboxes';

const idOf = { emails: emailId, threads: threadId, mailboxes: mailboxId } as const;

/** What all changes to mailboxes are when mail comes and goes (RFC 8621, 2.2). */
const counters = ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'];

export const changesOf =
  (kind: Kind, parts: Pick<HttpParts, 'mailboxes'>): Method =>
  async (args, context) => {
    const reach = await reachOf(parts, args, context);
    const sinceState = requiredString(args, 'sinceState');
    const maxChanges = unsignedOf(args, 'maxChanges');
    if (maxChanges === 0) throw invalidArguments('maxChanges is above 0');
    const readable = kind === 'mailboxes' ? visible(reach) : reach.readable;
    const changes = await parts.mailboxes.mail.changes(reach.account.id, sinceState, readable);
    if (changes === undefined || (kind === 'threads' && !changes.threadsKnown))
      throw new MethodError('cannotCalculateChanges');
    return {
      accountId: reach.account.id,
      oldState: sinceState,
      ...told(changes, kind, maxChanges ?? Infinity),
    };
  };

function told(changes: AccountChanges, kind: Kind, most: number): Answer {
  const all = changes[kind];
  const some = all.slice(0, most);
  const more = all.length > some.length;
  const ids = (is: Changed['is']): string[] =>
    some.filter((each) => each.is === is).map(({ number }) => idOf[kind](number));
  const countsOnly = some.every((each) => each.is !== 'updated' || each.countsOnly === true);
  return {
    newState: more ? between(some.at(-1)!, all[some.length]!) : String(changes.version),
    hasMoreChanges: more,
    created: ids('created'),
    updated: ids('updated'),
    destroyed: ids('destroyed'),
    ...(kind === 'mailboxes'
      ? { updatedProperties: countsOnly && some.some(({ is }) => is === 'updated') ? counters : null }
      : {}),
  };
}

function between(last: Changed, next: Changed): string {
  return formatState({ version: last.at, upTo: next.at === last.at ? last.number : Infinity });
}
