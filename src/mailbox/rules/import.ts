/**
 * Mail that moves in from elsewhere. Every message of a source has a key there; what was taken is written down with its key in the transaction that adds
 * it. So an import may be killed at any moment and run again: nothing comes twice, and nothing is passed over that is not there.
 *
 * A message that was deleted here after it came stays deleted: its key is still known.
 */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { batch, maybe, rows, type Transaction } from '../../store/transaction.ts';
import { joinKeywords } from '../flags.ts';
import type { MailboxNumber } from '../ids.ts';
import type { Role } from '../mailbox.ts';
import { addEmails, type NewEmail } from './add.ts';
import { defaultMailboxes } from './head.ts';
import { giveUidl } from './pop3-uidl.ts';
import { deleteMailbox } from './tree.ts';

export interface ImportedEmail extends NewEmail {
  /** The same for the same message of a source, at most `keyMaxChars`. */
  readonly key: string;
  /** Of its bytes. */
  readonly hash: string;
  /** The unique id that POP3 gives it. */
  readonly uidl?: string | undefined;
  /** A message of the mailbox that came from another source with the same bytes is taken for this one: it gets the unique id. */
  readonly adopt?: boolean | undefined;
}

export const keyMaxChars = 100;

export interface Taken {
  readonly key: string;
  readonly uid: number;
  /** `known`: it had come before. `adopted`: it had come from another source. */
  readonly is: 'taken' | 'known' | 'adopted';
  /** The unique id could not be given: another message has it. */
  readonly uidlRefused?: true;
}

interface Import {
  readonly account: AccountId;
  readonly source: string;
  readonly mailbox: MailboxNumber;
  readonly messages: readonly ImportedEmail[];
  readonly nowMs: number;
}

export const importMessages = operation('mailbox.import', function* (args: Import): Transaction<
  readonly Taken[]
> {
  const { account, source, messages } = args;
  const results = new Map<string, Taken>();
  for (const { key, uid } of yield* knownOf(account, source, messages))
    results.set(key, { key, uid, is: 'known' });
  const fresh: ImportedEmail[] = [];
  for (const message of messages) {
    if (results.has(message.key) || fresh.some(({ key }) => key === message.key)) continue;
    const adopted = message.adopt === true ? yield* adopt(args, message) : undefined;
    if (adopted === undefined) fresh.push(message);
    else results.set(message.key, adopted);
  }
  for (const taken of yield* add(args, fresh)) results.set(taken.key, taken);
  return messages.map(({ key }) => results.get(key)!);
});

function* knownOf(
  account: AccountId,
  source: string,
  messages: readonly ImportedEmail[],
): Transaction<readonly { key: string; uid: number }[]> {
  const found = yield* batch(
    messages.map(({ key }) => ({
      sql: 'select key, uid from imported where account = ? and source = ? and key = ?',
      params: [account, source, key],
    })),
  );
  return found.flat() as unknown as readonly { key: string; uid: number }[];
}

function* add(args: Import, messages: readonly ImportedEmail[]): Transaction<readonly Taken[]> {
  if (messages.length === 0) return [];
  const { firstUid } = yield* addEmails(args, messages);
  const taken: Taken[] = [];
  for (const [i, message] of messages.entries()) {
    const uid = firstUid + i;
    yield* noteKey(args, message, uid);
    const refused = !(yield* giveOwnUidl(args, message, uid));
    taken.push({ key: message.key, uid, is: 'taken', ...(refused && { uidlRefused: true }) });
  }
  return taken;
}

/** Only one that has no unique id of another server yet: of two messages with the same bytes each gets its own. */
function* adopt(args: Import, message: ImportedEmail): Transaction<Taken | undefined> {
  const { account, mailbox } = args;
  const found = yield* maybe<{ uid: number }>(
    `select i.uid from imported i
      join membership m on m.account = i.account and m.mailbox = i.mailbox and m.uid = i.uid
      where i.account = ? and i.hash = ? and i.mailbox = ? and i.source <> ? and not exists
        (select 1 from pop3_uidl p where p.account = i.account and p.mailbox = i.mailbox and p.uid = i.uid)
      order by i.uid limit 1`,
    account,
    message.hash,
    mailbox,
    args.source,
  );
  if (found === undefined) return undefined;
  yield* noteKey(args, message, found.uid);
  const refused = !(yield* giveOwnUidl(args, message, found.uid));
  return { key: message.key, uid: found.uid, is: 'adopted', ...(refused && { uidlRefused: true }) };
}

function* noteKey(
  { account, source, mailbox }: Import,
  { key, hash, flags }: ImportedEmail,
  uid: number,
): Transaction<void> {
  yield* batch([
    {
      sql: 'insert into imported (account, source, key, mailbox, uid, hash, flags, keywords) values (?, ?, ?, ?, ?, ?, ?, ?)',
      params: [account, source, key, mailbox, uid, hash, flags.system, joinKeywords(flags.keywords)],
    },
  ]);
}

function* giveOwnUidl(
  { account, mailbox }: Import,
  { uidl }: ImportedEmail,
  uid: number,
): Transaction<boolean> {
  return uidl === undefined || (yield* giveUidl({ account, mailbox, uid, uidl }));
}

/** What is known of a message that came. `now` columns are null when it is gone. */
export interface ImportedRow {
  readonly key: string;
  readonly mailbox: MailboxNumber;
  readonly uid: number;
  readonly hash: string;
  /** As the source had them. */
  readonly flags: number;
  readonly keywords: string;
  readonly size: number | null;
  readonly received: number | null;
  readonly nowFlags: number | null;
  readonly nowKeywords: string | null;
}

export const importedRows = operation(
  'mailbox.importedRows',
  function* (args: {
    account: AccountId;
    source: string;
    after: string;
    limit: number;
  }): Transaction<readonly ImportedRow[]> {
    return yield* rows<ImportedRow>(
      `${importedNow} and i.key > ? order by i.key limit ?`,
      args.account,
      args.source,
      args.after,
      args.limit,
    );
  },
);

const importedNow = `select i.key, i.mailbox, i.uid, i.hash, i.flags, i.keywords,
    m.size, m.received, m.flags as "nowFlags", m.keywords as "nowKeywords"
  from imported i
  left join membership m on m.account = i.account and m.mailbox = i.mailbox and m.uid = i.uid
  where i.account = ? and i.source = ?`;

export function* importedRow(args: {
  account: AccountId;
  source: string;
  key: string;
}): Transaction<ImportedRow | undefined> {
  return yield* maybe<ImportedRow>(`${importedNow} and i.key = ?`, args.account, args.source, args.key);
}

/** Writes down which flags the source has now. */
export const noteImportedFlags = operation(
  'mailbox.noteImportedFlags',
  function* (args: {
    account: AccountId;
    source: string;
    flags: readonly { readonly key: string; readonly system: number; readonly keywords: string }[];
  }): Transaction<void> {
    yield* batch(
      args.flags.map(({ key, system, keywords }) => ({
        sql: 'update imported set flags = ?, keywords = ? where account = ? and source = ? and key = ?',
        params: [system, keywords, args.account, args.source, key],
      })),
    );
  },
);

/** Forgets what came from a source, a piece at a time; the mail stays. Gives true while there may be more. */
export const forgetImported = operation(
  'mailbox.forgetImported',
  function* (args: { account: AccountId; source: string; limit: number }): Transaction<boolean> {
    const { account, source, limit } = args;
    const found = yield* rows<{ key: string }>(
      'select key from imported where account = ? and source = ? order by key limit ?',
      account,
      source,
      limit,
    );
    yield* batch(
      found.map(({ key }) => ({
        sql: 'delete from imported where account = ? and source = ? and key = ?',
        params: [account, source, key],
      })),
    );
    return found.length === limit;
  },
);

/**
 * Whether another mailbox may get a role. One of those that an account starts with goes, if it was never used; its row is taken in the statement that looks whether it
 * was, so that mail which comes at this moment is not lost with it. Refusal `conflict`: there are mailboxes below it.
 */
export const yieldRole = operation(
  'mailbox.yieldRole',
  function* (args: { account: AccountId; role: Role; wanted: string }): Transaction<boolean> {
    const { account, role, wanted } = args;
    const [unused] = yield* rows<{ name: string }>(
      `update mailbox set role = '' where account = ? and role = ? and name = ? and name <> ? and uid_next = 1 and acl = '' returning name`,
      account,
      role,
      defaultMailboxes.find(([, its]) => its === role)?.[0] ?? '',
      wanted,
    );
    if (unused !== undefined) {
      yield* deleteMailbox.body({ account, name: unused.name });
      yield* rows('delete from subscription where account = ? and name = ?', account, unused.name);
    }
    return (
      (yield* maybe('select id from mailbox where account = ? and role = ?', account, role)) === undefined
    );
  },
);
