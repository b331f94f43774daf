/**
 * The tree of mailboxes: create, rename, delete, subscribe, roles.
 *
 * Every superior level of a mailbox exists and can be selected: creating makes those that lack, and a mailbox with inferiors is not deleted. So no
 * client is left with a ghost (\NoSelect) that it keeps filing into.
 */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { batch, hint, maybe, row, rows, type Statement, type Transaction } from '../../store/transaction.ts';
import { inboxNumber, type MailboxNumber } from '../ids.ts';
import type { Role } from '../mailbox.ts';
import { canonicalName, delimiter, isInferior, superiors } from '../name.ts';
import {
  bump,
  type ChangeKind,
  ensureStore,
  insertMailbox,
  logged,
  mailboxAdded,
  reserveMailboxes,
} from './head.ts';

/** Mailboxes of one account. */
export const mailboxesMax = 10_000;
/** Subscribed names of mailboxes that do not exist. */
export const subscriptionsMax = 10_000;

interface Named {
  /** Canonical (name.ts), as every name in this file. */
  readonly name: string;
  readonly role: Role | '';
  readonly subscribed: number;
}

const roleNames: Readonly<Record<Role, string>> = {
  inbox: 'INBOX',
  drafts: 'Drafts',
  sent: 'Sent',
  trash: 'Trash',
  junk: 'Junk',
  archive: 'Archive',
  all: 'All Mail',
  flagged: 'Flagged',
  important: 'Important',
  snoozed: 'Snoozed',
};

/** Creates an account's head row and default mailboxes; does nothing when it has them. */
export const createAccountStore = operation(
  'mailbox.createAccountStore',
  function* (args: { account: AccountId; nowMs: number; quotaBytes: number }): Transaction<void> {
    yield* ensureStore(args.account, args.nowMs, args.quotaBytes);
  },
);

export const createMailbox = operation(
  'mailbox.create',
  function* (args: {
    account: AccountId;
    name: string;
    role: Role | '';
    subscribed: boolean;
  }): Transaction<MailboxNumber> {
    const { account, name, role } = args;
    if ((yield* idOf(account, name)) !== undefined) throw new Refusal('mailboxExists', name);
    if (role !== '') yield* refuseTakenRole(account, role);
    return yield* createPath(account, { name, role, subscribed: args.subscribed ? 1 : 0 });
  },
);

/** The mailbox of a role, created when the account has none. A mailbox that has the usual name already gets the role. */
export function* ensureRole(account: AccountId, role: Role): Transaction<MailboxNumber> {
  const found = yield* maybe<{ id: number }>(
    'select id from mailbox where account = ? and role = ?',
    account,
    role,
  );
  if (found !== undefined) return found.id;
  const name = roleNames[role];
  const same = yield* idOf(account, name);
  if (same === undefined) return yield* createPath(account, { name, role, subscribed: 1 });
  yield* rows('update mailbox set role = ? where account = ? and id = ?', role, account, same);
  yield* logMailbox(account, yield* bump(account), 'mailboxChanged', [same]);
  return same;
}

/** Creates a mailbox that does not exist, and the superior levels that do not. */
export function* createPath(account: AccountId, mailbox: Named): Transaction<MailboxNumber> {
  const missing: Named[] = [];
  for (const name of superiors(mailbox.name)) {
    if ((yield* idOf(account, name)) === undefined)
      missing.push({ name, role: '', subscribed: mailbox.subscribed });
  }
  missing.push(mailbox);
  const { count } = yield* row<{ count: number }>(
    'select count(*) as count from mailbox where account = ?',
    account,
  );
  if (count + missing.length > mailboxesMax)
    throw new Refusal('limitReached', `more than ${mailboxesMax} mailboxes`);
  const acl = yield* inheritedAcl(account, missing[0]!.name);
  const from = yield* reserveMailboxes(account, missing.length);
  const statements: Statement[] = [];
  for (const [i, { name, role, subscribed }] of missing.entries()) {
    const waiting = yield* takeSubscription(account, name);
    const made = {
      id: from.id + i,
      name,
      role,
      subscribed: waiting ? 1 : subscribed,
      uidValidity: from.uidValidity + i,
      acl,
    };
    statements.push(
      insertMailbox(account, made, from.version),
      logged(account, from.version, i, mailboxAdded(made.id)),
    );
  }
  yield* batch(statements);
  yield* hint('account', account);
  return from.id + missing.length - 1;
}

/** A new mailbox is shared as the one above it is. */
function* inheritedAcl(account: AccountId, name: string): Transaction<string> {
  const above = superiors(name).at(-1);
  if (above === undefined) return '';
  const found = yield* maybe<{ acl: string }>(
    'select acl from mailbox where account = ? and name = ?',
    account,
    above,
  );
  return found?.acl ?? '';
}

/** Renames a mailbox and its inferiors; subscriptions stay with the names (RFC 9051, 6.3.6). INBOX is not renamed here: its mail is moved. */
export const renameMailbox = operation(
  'mailbox.rename',
  function* (args: {
    account: AccountId;
    from: string;
    to: string;
    /** They go with the mailboxes instead: for who names these by id. */
    takesSubscriptions?: boolean;
  }): Transaction<void> {
    const { account, from, to, takesSubscriptions = false } = args;
    const id = yield* idOf(account, from);
    if (id === undefined) throw new Refusal('mailboxNotFound', from);
    if (id === inboxNumber) throw new Refusal('notAllowed', 'INBOX keeps its name');
    if ((yield* idOf(account, to)) !== undefined) throw new Refusal('mailboxExists', to);
    if (isInferior(to, from)) throw new Refusal('mailboxNameInvalid', `${to} is below ${from}`);
    const superior = superiors(to).at(-1);
    if (superior !== undefined && (yield* idOf(account, superior)) === undefined) {
      yield* createPath(account, { name: superior, role: '', subscribed: 0 });
    }
    const moved = yield* withInferiors(account, from);
    const version = yield* bump(account);
    // Each new name must stand on its own: a deep tree may not fit below its new superior.
    for (const each of moved) {
      const name = canonicalName(to + each.name.slice(from.length));
      if (each.subscribed === 1 && !takesSubscriptions) yield* addSubscription(account, each.name);
      const waiting = yield* takeSubscription(account, name);
      const subscribed = waiting || (takesSubscriptions && each.subscribed === 1) ? 1 : 0;
      yield* rows(
        'update mailbox set name = ?, subscribed = ? where account = ? and id = ?',
        name,
        subscribed,
        account,
        each.id,
      );
    }
    yield* logMailbox(
      account,
      version,
      'mailboxChanged',
      moved.map((each) => each.id),
    );
  },
);

/**
 * Takes a mailbox away at once; its messages follow in pieces (`purge`), since there may be very many. Its number is never used again, so
 * nobody sees them meanwhile.
 */
export const deleteMailbox = operation(
  'mailbox.delete',
  function* (args: { account: AccountId; name: string }): Transaction<MailboxNumber> {
    const { account, name } = args;
    const found = yield* maybe<{ id: number; subscribed: number }>(
      'select id, subscribed from mailbox where account = ? and name = ?',
      account,
      name,
    );
    if (found === undefined) throw new Refusal('mailboxNotFound', name);
    if (found.id === inboxNumber) throw new Refusal('notAllowed', 'INBOX cannot be deleted');
    if ((yield* withInferiors(account, name)).length > 1)
      throw new Refusal('conflict', `${name} has inferiors`);
    yield* rows('delete from mailbox where account = ? and id = ?', account, found.id);
    yield* rows('delete from mailbox_snapshot where account = ? and mailbox = ?', account, found.id);
    yield* rows('delete from metadata where account = ? and mailbox = ?', account, found.id);
    yield* rows('delete from pop3_uidl where account = ? and mailbox = ?', account, found.id);
    yield* rows('insert into mailbox_purge (account, mailbox) values (?, ?)', account, found.id);
    // A subscription outlives its mailbox (RFC 9051, 6.3.7).
    if (found.subscribed === 1) yield* addSubscription(account, name);
    yield* logMailbox(account, yield* bump(account), 'mailboxRemoved', [found.id]);
    return found.id;
  },
  { essential: true },
);

export const subscribeMailbox = operation(
  'mailbox.subscribe',
  function* (args: { account: AccountId; name: string; subscribed: boolean }): Transaction<void> {
    const { account, name } = args;
    const wanted = args.subscribed ? 1 : 0;
    const id = yield* idOf(account, name);
    if (id === undefined) {
      if (args.subscribed) yield* addSubscription(account, name);
      else yield* rows('delete from subscription where account = ? and name = ?', account, name);
      return;
    }
    const changed = yield* rows(
      'update mailbox set subscribed = ? where account = ? and id = ? and subscribed <> ? returning id',
      wanted,
      account,
      id,
      wanted,
    );
    if (changed.length > 0) yield* logMailbox(account, yield* bump(account), 'mailboxChanged', [id]);
  },
);

/** Gives a mailbox a role, or takes it (`''`). INBOX keeps its own; each role is one mailbox's (RFC 8621, 2). */
export const setRole = operation(
  'mailbox.setRole',
  function* (args: { account: AccountId; mailbox: MailboxNumber; role: Role | '' }): Transaction<void> {
    const { account, mailbox, role } = args;
    if (mailbox === inboxNumber || role === 'inbox')
      throw new Refusal('notAllowed', 'INBOX has its role for good');
    if (role !== '') yield* refuseTakenRole(account, role);
    const changed = yield* rows(
      'update mailbox set role = ? where account = ? and id = ? returning id',
      role,
      account,
      mailbox,
    );
    if (changed.length === 0) throw new Refusal('mailboxNotFound', `${mailbox}`);
    yield* logMailbox(account, yield* bump(account), 'mailboxChanged', [mailbox]);
  },
);

export function* idOf(account: AccountId, name: string): Transaction<MailboxNumber | undefined> {
  const found = yield* maybe<{ id: number }>(
    'select id from mailbox where account = ? and name = ?',
    account,
    name,
  );
  return found?.id;
}

/** A mailbox itself, and all below it. */
function* withInferiors(
  account: AccountId,
  name: string,
): Transaction<readonly { id: number; name: string; subscribed: number }[]> {
  const prefix = name + delimiter;
  return yield* rows<{ id: number; name: string; subscribed: number }>(
    'select id, name, subscribed from mailbox where account = ? and (name = ? or substr(name, 1, ?) = ?)',
    account,
    name,
    Array.from(prefix).length,
    prefix,
  );
}

/** A name that is subscribed, and waits for its mailbox, gives its subscription to it. */
function* takeSubscription(account: AccountId, name: string): Transaction<boolean> {
  const waiting = yield* rows(
    'delete from subscription where account = ? and name = ? returning name',
    account,
    name,
  );
  return waiting.length > 0;
}

function* addSubscription(account: AccountId, name: string): Transaction<void> {
  const { count } = yield* row<{ count: number }>(
    'select count(*) as count from subscription where account = ?',
    account,
  );
  if (count >= subscriptionsMax)
    throw new Refusal('limitReached', `more than ${subscriptionsMax} subscriptions`);
  yield* rows('insert into subscription (account, name) values (?, ?) on conflict do nothing', account, name);
}

function* refuseTakenRole(account: AccountId, role: Role): Transaction<void> {
  const taken = yield* maybe('select id from mailbox where account = ? and role = ?', account, role);
  if (taken !== undefined)
    throw new Refusal('conflict', `another mailbox has the role ${role}`, { at: 'role' });
}

export function* logMailbox(
  account: AccountId,
  version: number,
  kind: ChangeKind,
  mailboxes: readonly MailboxNumber[],
): Transaction<void> {
  yield* batch(
    mailboxes.map((mailbox, i) => logged(account, version, i, { kind, mailbox, uids: [], emails: [] })),
  );
  yield* hint('account', account);
}
