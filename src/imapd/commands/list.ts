/**
 * LIST and LSUB (RFC 3501, 6.3.8; RFC 5258; RFC 5819; RFC 6154; RFC 8440; RFC 9590).
 *
 * Special use and children are always told, asked for or not: several mailers never ask and yet use them. Nothing of an account is \Noselect: every level of a
 * path is a mailbox. Only the levels above what others share are.
 */
import type { Role } from '../../mailbox/mailbox.ts';
import type { List } from '../../proto/imap/command.ts';
import { ListMatcher } from '../../proto/imap/list-pattern.ts';
import { mailboxName } from '../../proto/imap/response.ts';
import { canonicalName } from '../../proto/imap/scanner.ts';
import type { Outcome } from '../outcome.ts';
import { rightsText } from './acl.ts';
import { metadataText } from './metadata.ts';
import { othersPrefix } from '../../mailbox/others-name.ts';
import { listPlaces, type Place } from './place.ts';
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
  snoozed: '\\Snoozed',
};

/** A line of the answer: a mailbox, or a name that only is subscribed, or stands above such. */
interface Listed {
  readonly name: string;
  readonly place: Place | undefined;
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
  const all = await listPlaces(session);
  const parents = new Set(all.flatMap(({ name }) => superiorsOf(name)));
  const matcher = new ListMatcher(
    command.patterns.map((pattern) => canonicalName(command.reference + pattern)),
  );
  const subscribed = needsSubscriptions(command)
    ? new Set(await mailboxes.subscriptions(session.principal.account))
    : undefined;
  for (const listed of chosen(command, all, { matcher, subscribed })) {
    session.untagged(lineOf(session, command, listed, parents));
    if (listed.place !== undefined) await sendMore(session, command, listed.place);
    if (session.out.full) await session.out.pause();
  }
  return undefined;
}

/** What RETURN asked for beside the line. */
async function sendMore(session: LoggedIn, command: List, place: Place): Promise<void> {
  // STATUS is left out where it may not be asked (RFC 5819, 2).
  if (command.status !== undefined && place.rights.includes('r'))
    await sendStatus(session, place, command.status);
  if (command.give.has('MYRIGHTS'))
    session.untagged(`MYRIGHTS ${mailboxName(place.name, session.utf8)} ${rightsText(place.rights)}`);
  if (command.metadata === undefined) return;
  const text = await metadataText(session, place, command.metadata);
  if (text !== '') session.untagged(text);
}

const needsSubscriptions = (command: List): boolean =>
  command.select.has('SUBSCRIBED') || command.give.has('SUBSCRIBED');

function chosen(
  command: List,
  all: readonly Place[],
  by: { matcher: ListMatcher; subscribed: ReadonlySet<string> | undefined },
): Listed[] {
  const { matcher, subscribed } = by;
  const known = new Map(all.map((place) => [place.name, place]));
  const selects = (name: string): boolean => {
    if (command.select.has('SUBSCRIBED') && !subscribed!.has(name)) return false;
    const role = known.get(name)?.mailbox.role;
    return !command.select.has('SPECIAL-USE') || (role !== undefined && useOf[role] !== undefined);
  };
  const names = new Set(known.keys());
  if (command.select.has('SUBSCRIBED')) for (const name of subscribed!) names.add(name);
  else if (command.is === 'LIST' && !command.select.has('SPECIAL-USE'))
    for (const name of others(all)) names.add(name);
  const selected = [...names].filter(selects);
  const withChild = new Set<string>();
  // What is listed itself need not be told of with its parents (RFC 5258, 3.2 and example 10 of 5).
  const seesChildren = command.is === 'LSUB' || command.select.has('RECURSIVEMATCH');
  for (const name of seesChildren ? selected : []) {
    if (command.is === 'LSUB' || !matcher.matches(name))
      for (const above of superiorsOf(name)) withChild.add(above);
  }
  const result = new Map<string, Listed>();
  const add = (name: string, childMatches: boolean): void => {
    result.set(name, {
      name,
      place: known.get(name),
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

/** The levels above what others share. */
function others(all: readonly Place[]): Set<string> {
  const shared = all.filter(({ name }) => name.startsWith(othersPrefix));
  const known = new Set(shared.map(({ name }) => name));
  return new Set(shared.flatMap(({ name }) => superiorsOf(name)).filter((name) => !known.has(name)));
}

function lineOf(session: LoggedIn, command: List, listed: Listed, parents: ReadonlySet<string>): string {
  const { name, place, subscribed, childMatches } = listed;
  const attributes: string[] = [];
  if (command.is === 'LSUB') {
    if (childMatches && !subscribed) attributes.push('\\Noselect');
  } else {
    if (place === undefined) attributes.push(parents.has(name) ? '\\Noselect' : '\\NonExistent');
    attributes.push(parents.has(name) ? '\\HasChildren' : '\\HasNoChildren');
    if (subscribed) attributes.push('\\Subscribed');
    attributes.push(...usesOf(place));
  }
  const child = command.select.has('RECURSIVEMATCH') && childMatches ? ' ("CHILDINFO" ("SUBSCRIBED"))' : '';
  return `${command.is} (${attributes.join(' ')}) "/" ${mailboxName(name, session.utf8)}${child}`;
}

/** Special use is said of the account's own mailboxes alone: mailers would take those of others for theirs. */
function usesOf(place: Place | undefined): string[] {
  if (place === undefined || place.name.startsWith(othersPrefix)) return [];
  const use = place.mailbox.role === undefined ? undefined : useOf[place.mailbox.role];
  return use === undefined ? [] : [use];
}

/** A LIST line of its own accord: of the mailbox selected, or of one whose name was changed (RFC 9051, 6.3.2 and 7.3.1). */
export function listLine(
  session: LoggedIn,
  place: Place,
  how: { readonly attributes?: readonly string[]; readonly oldName?: string | undefined } = {},
): string {
  const old = how.oldName === undefined ? '' : ` ("OLDNAME" (${mailboxName(how.oldName, session.utf8)}))`;
  const attributes = [...(how.attributes ?? []), ...usesOf(place)];
  return `LIST (${attributes.join(' ')}) "/" ${mailboxName(place.name, session.utf8)}${old}`;
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
