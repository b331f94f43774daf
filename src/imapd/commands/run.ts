/** From a parsed command to the function that carries it out; which state each needs (RFC 3501, 6). */
import type { Principal } from '../../directory/principal.ts';
import type { Command } from '../../proto/imap/command.ts';
import type { Outcome } from '../outcome.ts';
import { bad } from '../replies.ts';
import type { Selected } from '../selected.ts';
import type { Session } from '../session.ts';
import { authenticate, login } from './login.ts';
import { capability, enable, id, logout, namespace, starttls } from './general.ts';
import { copy } from './copy.ts';
import { fetch } from './fetch.ts';
import { idle } from './idle.ts';
import { list } from './list.ts';
import { createMailbox, deleteMailbox, renameMailbox, subscribe } from './mailbox-tree.ts';
import { getQuota, getQuotaRoot, setQuota } from './quota.ts';
import { search } from './search.ts';
import { closeMailbox, select, unselect } from './select.ts';
import { status } from './status.ts';
import { expunge, store } from './store.ts';

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
    default:
      return runLoggedIn(loggedIn(session), command);
  }
}

type AfterLogin = Exclude<
  Command,
  { is: 'CAPABILITY' | 'NOOP' | 'LOGOUT' | 'ID' | 'STARTTLS' | 'LOGIN' | 'AUTHENTICATE' }
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
      return deleteMailbox(session, command.mailbox);
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
      return runSelected(withMailbox(session), command);
  }
}

type InMailbox = Extract<
  Command,
  { is: 'CHECK' | 'CLOSE' | 'UNSELECT' | 'EXPUNGE' | 'SEARCH' | 'FETCH' | 'STORE' | 'COPY' | 'MOVE' }
>;

async function runSelected(session: WithMailbox, command: InMailbox): Promise<Outcome> {
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
    case 'FETCH':
      return fetch(session, command);
    case 'STORE':
      return store(session, command);
    default:
      return copy(session, command);
  }
}

/** Brings the mailbox up to date before it is looked at. What changed is told behind the command. */
async function look(session: Session): Promise<undefined> {
  if (session.selected !== undefined && session.principal !== undefined) {
    await session.server.parts.mailboxes.refresh(session.principal.account);
  }
}

export function loggedIn(session: Session): LoggedIn {
  if (session.principal === undefined) throw bad('Log in first');
  return session as LoggedIn;
}

function withMailbox(session: LoggedIn): WithMailbox {
  if (session.selected === undefined) throw bad('No mailbox is selected');
  return session as WithMailbox;
}
