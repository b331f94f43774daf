/** From a parsed command to the function that carries it out; which state each needs (RFC 3501, 6). */
import type { Principal } from '../../directory/principal.ts';
import type { AclCommand, Command, SearchKey } from '../../proto/imap/command.ts';
import type { Outcome } from '../outcome.ts';
import { bad } from '../replies.ts';
import type { Selected } from '../selected.ts';
import type { Session } from '../session.ts';
import { acl } from './acl.ts';
import { authenticate, login } from './login.ts';
import { cancelUpdate } from './context.ts';
import {
  capability,
  compress,
  enable,
  id,
  jmapAccess,
  logout,
  namespace,
  starttls,
  unauthenticate,
} from './general.ts';
import { copy } from './copy.ts';
import { renewRights } from './current-rights.ts';
import { fetch } from './fetch.ts';
import { idle } from './idle.ts';
import { comparator, language } from './language.ts';
import { list } from './list.ts';
import { createMailbox, deleteMailbox, renameMailbox, subscribe } from './mailbox-tree.ts';
import { getMetadata, setMetadata } from './metadata.ts';
import { multiSearch } from './multi-search.ts';
import { notify } from './notify.ts';
import { getQuota, getQuotaRoot, setQuota } from './quota.ts';
import { search } from './search.ts';
import { closeMailbox, select, unselect } from './select.ts';
import { sort, thread } from './sort.ts';
import { status } from './status.ts';
import { expunge, store } from './store.ts';
import { uidBatches } from './uid-batches.ts';

/** A session with a login, and one with a mailbox too: what most commands need. */
export type LoggedIn = Session & { readonly principal: Principal };
export type WithMailbox = LoggedIn & { readonly selected: Selected };

export async function runCommand(session: Session, command: Command): Promise<Outcome> {
  switch (command.is) {
    case 'CAPABILITY':
      return capability(session);
    case 'NOOP':
      return look(session);
    case 'LOGOUT':
      return logout(session);
    case 'ID':
      return id(session);
    case 'STARTTLS':
      return starttls(session);
    case 'LOGIN':
      return login(session, command);
    case 'AUTHENTICATE':
      return authenticate(session, command);
    case 'LANGUAGE':
      return language(session, command.ranges);
    default:
      return runLoggedIn(loggedIn(session), command);
  }
}

type AfterLogin = Exclude<
  Command,
  { is: 'CAPABILITY' | 'NOOP' | 'LOGOUT' | 'ID' | 'STARTTLS' | 'LOGIN' | 'AUTHENTICATE' | 'LANGUAGE' }
>;

async function runLoggedIn(session: LoggedIn, command: AfterLogin): Promise<Outcome> {
  await look(session);
  switch (command.is) {
    case 'ENABLE':
      return enable(session, command.names);
    case 'NAMESPACE':
      return namespace(session);
    case 'SELECT':
    case 'EXAMINE':
      return select(session, command);
    case 'CREATE':
      return createMailbox(session, command);
    case 'DELETE':
      return deleteMailbox(session, command.mailbox, command.given);
    case 'RENAME':
      return renameMailbox(session, command.from, command.to);
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      return subscribe(session, command.mailbox, command.is === 'SUBSCRIBE');
    case 'LIST':
    case 'LSUB':
      return list(session, command);
    case 'STATUS':
      return status(session, command.mailbox, command.items);
    case 'IDLE':
      return idle(session);
    case 'GETQUOTA':
      return getQuota(session, command.root);
    case 'GETQUOTAROOT':
      return getQuotaRoot(session, command.mailbox);
    case 'SETQUOTA':
      return setQuota();
    default:
      return runMore(session, command);
  }
}

type More = Extract<
  AfterLogin,
  {
    is:
      | InMailbox['is']
      | AclCommand['is']
      | 'GETMETADATA'
      | 'SETMETADATA'
      | 'ESEARCH'
      | 'NOTIFY'
      | 'COMPARATOR'
      | 'COMPRESS'
      | 'UNAUTHENTICATE'
      | 'GETJMAPACCESS';
  }
>;

async function runMore(session: LoggedIn, command: More): Promise<Outcome> {
  switch (command.is) {
    case 'GETACL':
    case 'SETACL':
    case 'DELETEACL':
    case 'LISTRIGHTS':
    case 'MYRIGHTS':
      return acl(session, command);
    case 'GETMETADATA':
      return getMetadata(session, command);
    case 'SETMETADATA':
      return setMetadata(session, command);
    case 'ESEARCH':
      return multiSearch(session, command);
    case 'NOTIFY':
      return notify(session, command);
    case 'COMPARATOR':
      return comparator(session, command.names);
    case 'COMPRESS':
      return compress(session, command.mechanism);
    case 'UNAUTHENTICATE':
      return unauthenticate(session);
    case 'GETJMAPACCESS':
      return jmapAccess(session);
    default:
      return runSelected(withMailbox(session), command);
  }
}

type InMailbox = Extract<
  Command,
  {
    is:
      | 'CHECK'
      | 'CLOSE'
      | 'UNSELECT'
      | 'EXPUNGE'
      | 'SEARCH'
      | 'SORT'
      | 'THREAD'
      | 'CANCELUPDATE'
      | 'UIDBATCHES'
      | 'FETCH'
      | 'STORE'
      | 'COPY'
      | 'MOVE';
  }
>;

async function runSelected(session: WithMailbox, command: InMailbox): Promise<Outcome> {
  if (session.uidOnly && usesNumbers(command)) throw bad('Only UIDs may be used', 'UIDREQUIRED');
  switch (command.is) {
    case 'CHECK':
      return undefined;
    case 'CLOSE':
      return closeMailbox(session);
    case 'UNSELECT':
      return unselect(session);
    case 'EXPUNGE':
      return expunge(session, command.uids);
    case 'SEARCH':
      return search(session, command);
    case 'SORT':
      return sort(session, command);
    case 'THREAD':
      return thread(session, command);
    case 'CANCELUPDATE':
      return cancelUpdate(session, command.tags);
    case 'UIDBATCHES':
      return uidBatches(session, command);
    case 'FETCH':
      return fetch(session, command);
    case 'STORE':
      return store(session, command);
    default:
      return copy(session, command);
  }
}

/** Once UIDONLY is on, message numbers are in no command (RFC 9586, 3.1). */
function usesNumbers(command: InMailbox): boolean {
  if ('uid' in command && !command.uid) return true;
  return 'key' in command && hasNumbers(command.key);
}

function hasNumbers(key: SearchKey): boolean {
  switch (key.is) {
    case 'numbers':
      return key.set.is === 'ranges';
    case 'not':
    case 'fuzzy':
      return hasNumbers(key.key);
    case 'or':
      return hasNumbers(key.left) || hasNumbers(key.right);
    case 'and':
      return key.keys.some(hasNumbers);
    default:
      return false;
  }
}

/** Brings the mailbox up to date before it is looked at. What changed is told behind the command. */
async function look(session: Session): Promise<undefined> {
  if (session.selected !== undefined && session.principal !== undefined) {
    await session.server.parts.mailboxes.refresh(session.selected.owner);
    if (!session.selected.messages.gone) await renewRights(loggedIn(session));
  }
}

export function loggedIn(session: Session): LoggedIn {
  if (session.principal === undefined) throw bad('Log in first');
  return session as LoggedIn;
}

export function withMailbox(session: LoggedIn): WithMailbox {
  if (session.selected === undefined) throw bad('No mailbox is selected');
  return session as WithMailbox;
}
