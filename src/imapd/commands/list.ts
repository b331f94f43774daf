/**
 * LIST and LSUB (RFC 3501, 6.3.8; RFC 5258; RFC 5819; RFC 6154).
 *
 * Special use and children are always told, asked for or not: several mailers never ask and yet use them. Nothing is \Noselect but the root:
 * every level of a path is a mailbox here.
 */
import type { MailboxInfo, Role } from '../../mailbox/mailbox.ts';
import type { List } from '../../proto/imap/command.ts';
import { ListMatcher } from '../../proto/imap/list-pattern.ts';
import { mailboxName } from '../../proto/imap/response.ts';
import { canonicalName } from '../../proto/imap/scanner.ts';
import type { Outcome } from '../outcome.ts';
import type { LoggedIn } from './run.ts';
import { sendStatus } from './status.ts';

const useOf: Readonly<Record<Role, string | undefined>> = {
  inbox: undefined,
  drafts: '\\Drafts',
  sent: '\\Sent',
  trash: '\\Trash',
  junk: '\\Junk',
  archive: '\\Archive',
  all: '\\All',
  flagged: '\\Flagged',
  important: '\\Important',
};

/** A line of the answer: a mailbox, or a name that only is subscribed, or stands above such. */
interface Listed {
  readonly name: string;
  readonly mailbox: MailboxInfo | undefined;
  readonly subscribed: boolean;
  /** It does not match the selection itself, but something below it does (RECURSIVEMATCH; LSUB with "%"). */
  readonly childMatches: boolean;
}

export async function list(session: LoggedIn, command: List): Promise<Outcome> {
  if (!command.extended && command.patterns[0] === '') {
    session.untagged(`${command.is} (\\Noselect) "/" ""`);
    return undefined;
  }
  const { mailboxes } = session.server.parts;
  const { account } = session.principal;
  const all = await mailboxes.list(account);
  const parents = new Set(all.flatMap(({ name }) => superiorsOf(name)));
  const matcher = new ListMatcher(
    command.patterns.map((pattern) => canonicalName(command.reference + pattern)),
  );
  const subscribed = needsSubscriptions(command)
    ? new Set(await mailboxes.subscriptions(account))
    : undefined;
  for (const listed of chosen(command, all, { matcher, subscribed })) {
    session.untagged(line(session, command, listed, parents));
    if (command.status !== undefined && listed.mailbox !== undefined)
      sendStatus(session, listed.mailbox, command.status);
    if (session.out.full) await session.out.pause();
  }
  return undefined;
}

const needsSubscriptions = (command: List): boolean =>
  command.select.has('SUBSCRIBED') || command.give.has('SUBSCRIBED');

function chosen(
  command: List,
  all: readonly MailboxInfo[],
  by: { matcher: ListMatcher; subscribed: ReadonlySet<string> | undefined },
): Listed[] {
  const { matcher, subscribed } = by;
  const known = new Map(all.map((mailbox) => [mailbox.name, mailbox]));
  const selects = (name: string): boolean => {
    if (command.select.has('SUBSCRIBED') && !subscribed!.has(name)) return false;
    const role = known.get(name)?.role;
    return !command.select.has('SPECIAL-USE') || (role !== undefined && useOf[role] !== undefined);
  };
  const names = command.select.has('SUBSCRIBED') ? new Set([...known.keys(), ...subscribed!]) : known.keys();
  const selected = [...names].filter(selects);
  const withChild = new Set<string>();
  const seesChildren = command.is === 'LSUB' || command.select.has('RECURSIVEMATCH');
  if (seesChildren) for (const name of selected) for (const above of superiorsOf(name)) withChild.add(above);
  const result = new Map<string, Listed>();
  const add = (name: string, childMatches: boolean): void => {
    result.set(name, {
      name,
      mailbox: known.get(name),
      subscribed: subscribed?.has(name) ?? false,
      childMatches,
    });
  };
  for (const name of selected) if (matcher.matches(name)) add(name, withChild.has(name));
  for (const name of withChild) {
    if (result.has(name) || !matcher.matches(name)) continue;
    // LSUB tells of a parent only where the pattern does not reach the child (RFC 3501, 6.3.9).
    if (
      command.is === 'LSUB' &&
      selected.some((child) => child.startsWith(`${name}/`) && matcher.matches(child))
    )
      continue;
    add(name, true);
  }
  return [...result.values()].sort(inboxFirst);
}

function line(session: LoggedIn, command: List, listed: Listed, parents: ReadonlySet<string>): string {
  const { name, mailbox, subscribed, childMatches } = listed;
  const attributes: string[] = [];
  const lsubParent = command.is === 'LSUB' && childMatches && !subscribed;
  if (lsubParent) attributes.push('\\Noselect');
  else if (mailbox === undefined && command.is === 'LIST') attributes.push('\\NonExistent');
  if (command.is === 'LIST') attributes.push(parents.has(name) ? '\\HasChildren' : '\\HasNoChildren');
  if (command.is === 'LIST' && subscribed) attributes.push('\\Subscribed');
  const use = mailbox?.role === undefined ? undefined : useOf[mailbox.role];
  if (use !== undefined && command.is === 'LIST') attributes.push(use);
  const child = command.select.has('RECURSIVEMATCH') && childMatches ? ' ("CHILDINFO" ("SUBSCRIBED"))' : '';
  return `${command.is} (${attributes.join(' ')}) "/" ${mailboxName(name, session.utf8)}${child}`;
}

function superiorsOf(name: string): string[] {
  const above: string[] = [];
  for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1))
    above.push(name.slice(0, slash));
  return above;
}

function inboxFirst(a: Listed, b: Listed): number {
  if (a.name === 'INBOX' || b.name === 'INBOX') return a.name === b.name ? 0 : a.name === 'INBOX' ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
