/**
 * Rights to the selected mailbox of somebody else, asked anew: its owner may have taken them away. The account's own mailboxes are not asked about: whoever
 * limits itself selects anew.
 */
import { lookUp } from './place.ts';
import type { LoggedIn } from './run.ts';

/** False when the client may not read there any more: the mailbox is then closed, and said to be (RFC 9051, 7.1: CLOSED). */
export async function renewRights(session: LoggedIn): Promise<boolean> {
  const { selected, principal } = session;
  if (selected === undefined || selected.owner === principal.account) return true;
  const place = await lookUp(session, selected.place.name);
  if (place?.rights.includes('r') === true && place.mailbox.id === selected.mailbox.id) {
    selected.place = place;
    return true;
  }
  session.deselect();
  session.untagged('OK [CLOSED] The mailbox is not shared any more');
  return false;
}
