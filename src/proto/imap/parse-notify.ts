/** Arguments of NOTIFY (RFC 5465, 8). */
import { type Command, type FetchItem, notifyEvents, type NotifyEvent, type NotifyGroup } from './command.ts';
import { mailboxFilter } from './mailbox-filter.ts';
import { fetchItems } from './parse-fetch.ts';
import { CommandError, type Scanner } from './scanner.ts';

/** Groups of one command. */
const groupsMax = 100;

export function parseNotify(s: Scanner): Command {
  if (s.takeWord('NONE')) {
    s.end();
    return { is: 'NOTIFY', groups: undefined, status: false };
  }
  if (!s.takeWord('SET')) throw new CommandError('Expected SET or NONE');
  s.space();
  const status = s.takeWord('STATUS');
  if (status) s.space();
  const groups = [group(s)];
  while (!s.atEnd && s.take(' ') && !s.atEnd) {
    if (groups.length === groupsMax) throw new CommandError('Too many event groups');
    groups.push(group(s));
  }
  s.end();
  checkFilters(groups);
  return { is: 'NOTIFY', groups, status };
}

/** One group for each kind of mailboxes, and one for the selected one (RFC 5465, 6.1 and 6.2). Named mailboxes may come as often as one likes. */
function checkFilters(groups: readonly NotifyGroup[]): void {
  const kinds = groups
    .map(({ filter }) => filter.is.replace('-delayed', ''))
    .filter((kind) => kind !== 'mailboxes' && !kind.startsWith('subtree'));
  if (new Set(kinds).size < kinds.length) throw new CommandError('The same mailboxes are named twice');
}

function group(s: Scanner): NotifyGroup {
  s.expect('(');
  const filter = mailboxFilter(s);
  s.space();
  const events = new Set<NotifyEvent>();
  let fetch: readonly FetchItem[] = [];
  if (!s.takeWord('NONE')) {
    s.list(() => {
      const event = eventOf(s.word('event'));
      events.add(event);
      if (event === 'MessageNew' && s.ahead(/ \(/y)) {
        s.space();
        fetch = fetchItems(s);
      }
    });
    if (events.size === 0) throw new CommandError('No events given');
  }
  s.expect(')');
  check(events, fetch, filter.is);
  return { filter, events, fetch };
}

/** RFC 5465, 5: which events may stand together, and where. */
function check(events: ReadonlySet<NotifyEvent>, fetch: readonly FetchItem[], where: string): void {
  const messages = events.has('MessageNew') || events.has('MessageExpunge');
  if (events.has('MessageNew') !== events.has('MessageExpunge'))
    throw new CommandError('MessageNew and MessageExpunge come together');
  if ((events.has('FlagChange') || events.has('AnnotationChange')) && !messages)
    throw new CommandError('This event needs MessageNew and MessageExpunge');
  const isSelected = where === 'selected' || where === 'selected-delayed';
  if (fetch.length > 0 && !isSelected)
    throw new CommandError('Only new messages of the selected mailbox can be fetched');
  const ofMailboxes = [
    'MailboxName',
    'SubscriptionChange',
    'MailboxMetadataChange',
    'ServerMetadataChange',
  ] as const;
  if (isSelected && ofMailboxes.some((event) => events.has(event)))
    throw new CommandError('The selected mailbox has events of messages alone');
}

function eventOf(name: string): NotifyEvent {
  const event = notifyEvents.find((known) => known.toUpperCase() === name);
  if (event === undefined)
    throw new CommandError('Unknown event', 'NO', `BADEVENT (${notifyEvents.join(' ')})`);
  return event;
}
