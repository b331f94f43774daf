/** ESEARCH over several mailboxes (RFC 7377): an answer for each that has something, in uids. What may not be read is passed over in silence. */
import type { MultiSearch, SearchKey } from '../../proto/imap/command.ts';
import { mailboxName } from '../../proto/imap/response.ts';
import type { Outcome } from '../outcome.ts';
import { bad } from '../replies.ts';
import { Selected } from '../selected.ts';
import { withoutFilters } from './filters.ts';
import { matchesFilter } from './mailbox-match.ts';
import { listPlaces, type Place } from './place.ts';
import type { LoggedIn } from './run.ts';
import { chosenOf, esearchText } from './search-answer.ts';
import { has, highestModSeq, searchIn } from './search-run.ts';

export async function multiSearch(session: LoggedIn, command: MultiSearch): Promise<Outcome> {
  const { give } = command.returning;
  const saves = give.has('SAVE');
  // RFC 7377, 2.2: what belongs to the selected mailbox needs a search of that alone.
  if (give.has('UPDATE') || give.has('CONTEXT') || (saves && !isOfSelected(command)))
    throw bad('Not possible in a search of several mailboxes');
  const key = await withoutFilters(session, command.key);
  if (usesNumbers(key) && !isOfSelected(command))
    throw bad('Message numbers mean nothing in other mailboxes');
  for (const place of await placesFor(session, command)) {
    const chosen = await searchPlace(session, { command, key, place });
    if (saves && session.selected) session.selected.saved = chosen;
    if (session.out.full) await session.out.pause();
  }
  return undefined;
}

const isOfSelected = ({ sources }: MultiSearch): boolean =>
  sources === undefined || sources.every(({ is }) => is === 'selected');

async function placesFor(session: LoggedIn, { sources }: MultiSearch): Promise<readonly Place[]> {
  if (sources === undefined && session.selected === undefined) throw bad('No mailbox is selected');
  const filters = sources ?? [{ is: 'selected' as const }];
  if (
    session.selected === undefined &&
    filters.some(({ is }) => is === 'selected' || is === 'selected-delayed')
  )
    throw bad('No mailbox is selected');
  const subscribed = new Set(
    filters.some(({ is }) => is === 'subscribed')
      ? await session.server.parts.mailboxes.subscriptions(session.principal.account)
      : [],
  );
  const places = (await listPlaces(session)).filter(({ rights }) => rights.includes('r'));
  return places.filter((place) =>
    filters.some((filter) => matchesFilter(filter, place, { subscribed, session })),
  );
}

/** The uids that "$" would be. */
async function searchPlace(
  session: LoggedIn,
  { command, key, place }: { command: MultiSearch; key: SearchKey; place: Place },
): Promise<readonly number[]> {
  const { mailboxes } = session.server.parts;
  using messages = await mailboxes.open(place.owner, place.mailbox.id);
  const fresh = new Selected(place, messages, { readOnly: true, recentFrom: place.mailbox.recentFrom });
  // Numbers are those that the client has been told.
  const selected = (isOfSelected(command) ? session.selected : undefined) ?? fresh;
  const uids = await searchIn(session, selected, key);
  if (uids.length === 0) return [];
  const chosen = chosenOf(uids, command.returning);
  const { uidValidity } = place.mailbox;
  // SAVE alone wants no answer (RFC 5182, 2.1).
  if (command.returning.give.has('SAVE') && command.returning.give.size === 1) return chosen;
  session.untagged(
    esearchText({
      tag: session.tag,
      uid: true,
      returning: command.returning,
      numbers: uids,
      modSeq: has(key, 'modSeq') ? highestModSeq({ selected }, chosen) : undefined,
      where: `MAILBOX ${mailboxName(place.name, session.utf8)} UIDVALIDITY ${uidValidity}`,
    }),
  );
  return chosen;
}

function usesNumbers(key: SearchKey): boolean {
  switch (key.is) {
    case 'numbers':
      return true;
    case 'uids':
      return key.set.is === 'saved';
    case 'not':
    case 'fuzzy':
      return usesNumbers(key.key);
    case 'or':
      return usesNumbers(key.left) || usesNumbers(key.right);
    case 'and':
      return key.keys.some(usesNumbers);
    default:
      return false;
  }
}
