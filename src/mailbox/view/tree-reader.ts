/** The mailboxes of an account with their counters, kept by version of the account: a poll costs one row. */
import type { AccountId, ModSeq, Uid } from '../../base/ids.ts';
import type { Store } from '../../store/store.ts';
import { rows, type Transaction } from '../../store/transaction.ts';
import { splitKeywords } from '../flags.ts';
import { mailboxId } from '../ids.ts';
import type { MailboxInfo, Role } from '../mailbox.ts';
import { compareNames } from '../name.ts';
import { parseAcl } from '../rights.ts';
import { readHead } from './load.ts';

/** Accounts whose mailboxes are kept in memory, the last used ones. */
const accountsMax = 1000;

interface Tree {
  readonly version: number;
  readonly mailboxes: readonly MailboxInfo[];
}

interface MailboxRow {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly subscribed: number;
  readonly uid_validity: number;
  readonly uid_next: number;
  readonly recent_from: number;
  readonly total: number;
  readonly unseen: number;
  readonly deleted: number;
  readonly size: number;
  readonly modseq: number;
  readonly keywords: string;
  readonly acl: string;
  readonly sort_order: number;
}

export class TreeReader {
  readonly #store: Store;
  readonly #trees = new Map<AccountId, Tree>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Undefined when the account has no store yet. */
  async mailboxes(account: AccountId): Promise<readonly MailboxInfo[] | undefined> {
    const known = this.#trees.get(account);
    const tree = await this.#store.read(() => readTree(account, known));
    this.#trees.delete(account);
    if (tree === undefined) return undefined;
    this.#trees.set(account, tree);
    if (this.#trees.size > accountsMax) this.#trees.delete(this.#trees.keys().next().value!);
    return tree.mailboxes;
  }

  /** After a change that has no version of its own. */
  forget(account: AccountId): void {
    this.#trees.delete(account);
  }
}

function* readTree(account: AccountId, known: Tree | undefined): Transaction<Tree | undefined> {
  const head = yield* readHead(account);
  if (head === undefined) return undefined;
  if (known?.version === head.version) return known;
  const found = (yield* rows(
    'select * from mailbox where account = ?',
    account,
  )) as unknown as readonly MailboxRow[];
  const mailboxes = found.map(infoOf).sort((a, b) => compareNames(a.name, b.name));
  return { version: head.version, mailboxes };
}

function infoOf(row: MailboxRow): MailboxInfo {
  return {
    id: mailboxId(row.id),
    name: row.name,
    role: row.role === '' ? undefined : (row.role as Role),
    subscribed: row.subscribed === 1,
    uidValidity: row.uid_validity,
    uidNext: row.uid_next as Uid,
    modseq: row.modseq as ModSeq,
    total: row.total,
    unseen: row.unseen,
    deleted: row.deleted,
    sizeBytes: row.size,
    recentFrom: row.recent_from as Uid,
    keywords: splitKeywords(row.keywords),
    sortOrder: row.sort_order,
    acl: parseAcl(row.acl),
  };
}
