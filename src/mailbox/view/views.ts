/**
 * The views of one thread: loaded when a mailbox is opened, shared by its sessions, moved forward from the change log, dropped when unused.
 *
 * A hint says that an account changed; the head row says whether it did. Work on one account is done one piece after another, so a view never moves backwards.
 */
import type { AccountId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Store } from '../../store/store.ts';
import { maybe, type Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';
import { type Catching, type Loaded, loadColumns, readChanges, readHead, readLines, recall } from './load.ts';
import { encodeColumns, saveSnapshot } from './snapshot.ts';
import { Session } from './session.ts';
import { View } from './view.ts';

/** Messages of views kept although nobody has them open: about 50 bytes each. */
export const idleMessagesMax = 400_000;
/** Views kept although nobody has them open. */
export const idleViewsMax = 2000;
/** Larger mailboxes are read on a scan thread: reading this many takes about a millisecond. */
const readInThreadMax = 1000;

/** Mailboxes of fewer messages are read from their rows. */
const snapshotMinMessages = 2000;
/** A snapshot is renewed when more than this many messages, and this share of them, are newer. */
const behindMin = 200;
const behindShare = 0.05;

export interface ViewsSize {
  readonly open: number;
  readonly idle: number;
}

export interface ViewsParts {
  readonly store: Store;
  readonly log: Log;
  readonly sized: (size: ViewsSize) => void;
  /** Only tests want another than `snapshotMinMessages`. */
  readonly snapshotMin?: number | undefined;
}

interface AccountViews {
  readonly views: Map<MailboxNumber, View>;
  /** The end of the work in hand. */
  tail: Promise<unknown>;
  /** A refresh waits behind the work in hand, and will see all there is then. */
  refreshing: Promise<void> | undefined;
}

export class Views implements Disposable {
  readonly #store: Store;
  readonly #log: Log;
  readonly #accounts = new Map<AccountId, AccountViews>();
  /** Views without sessions, longest unused first. */
  readonly #idle = new Set<View>();
  readonly #users = new Map<View, number>();
  readonly #hints: Disposable;
  readonly #sized: (size: ViewsSize) => void;
  readonly #snapshotMin: number;
  #saving: Promise<void> | undefined;
  #idleMessages = 0;

  /** `sized` hears of it when the numbers of views change. */
  constructor({ store, log, sized, snapshotMin = snapshotMinMessages }: ViewsParts) {
    this.#snapshotMin = snapshotMin;
    this.#store = store;
    this.#log = log;
    this.#sized = sized;
    this.#hints = store.onHint('account', (key) => this.#onHint(key as AccountId));
  }

  [Symbol.dispose](): void {
    this.#hints[Symbol.dispose]();
    this.#accounts.clear();
    this.#idle.clear();
  }

  async open(account: AccountId, mailbox: MailboxNumber): Promise<Session> {
    const view = await this.#enter(account, mailbox);
    return new Session(view, () => this.#leave(view));
  }

  /** Lends the current view for a moment, without a session. */
  async use<R>(account: AccountId, mailbox: MailboxNumber, work: (view: View) => R | Promise<R>): Promise<R> {
    const view = await this.#enter(account, mailbox);
    try {
      return await work(view);
    } finally {
      this.#leave(view);
    }
  }

  /** The same for several at once; those that are gone are left out. */
  async useAll<R>(
    account: AccountId,
    mailboxes: readonly MailboxNumber[],
    work: (views: readonly View[]) => R,
  ): Promise<R> {
    const views: View[] = [];
    try {
      for (const mailbox of mailboxes) {
        const view = await this.#enter(account, mailbox).catch((error: unknown) => {
          if (error instanceof Refusal && error.reason === 'mailboxNotFound') return undefined;
          throw error;
        });
        if (view !== undefined) views.push(view);
      }
      return work(views);
    } finally {
      for (const view of views) this.#leave(view);
    }
  }

  /** Brings all open views of the account up to the store. */
  refresh(account: AccountId): Promise<void> {
    const entry = this.#accounts.get(account);
    if (entry === undefined) return Promise.resolve();
    entry.refreshing ??= this.#inTurn(account, entry, async () => {
      entry.refreshing = undefined;
      const open = [...entry.views.values()].filter((view) => this.#users.has(view) && !view.gone);
      if (open.length > 0) await this.#catchUp(account, open);
    });
    return entry.refreshing;
  }

  #onHint(account: AccountId): void {
    this.refresh(account).catch((error: unknown) => {
      this.#log.warn({ account, error }, 'could not refresh the views of an account');
    });
  }

  #enter(account: AccountId, mailbox: MailboxNumber): Promise<View> {
    const entry = this.#entry(account);
    return this.#inTurn(account, entry, async () => {
      const known = entry.views.get(mailbox);
      if (known !== undefined) {
        this.#take(known);
        await this.#catchUp(account, [known]).catch((error: unknown) => {
          this.#leave(known);
          throw error;
        });
        if (!known.gone) return known;
        this.#leave(known);
        throw notFound(account, mailbox);
      }
      const view = await this.#make(account, mailbox);
      entry.views.set(mailbox, view);
      this.#take(view);
      return view;
    });
  }

  #entry(account: AccountId): AccountViews {
    let entry = this.#accounts.get(account);
    if (entry === undefined) {
      entry = { views: new Map(), tail: Promise.resolve(), refreshing: undefined };
      this.#accounts.set(account, entry);
    }
    return entry;
  }

  #inTurn<R>(account: AccountId, entry: AccountViews, work: () => Promise<R>): Promise<R> {
    const done = entry.tail.then(work);
    const tail: Promise<void> = done.then(
      () => this.#settle(account, entry, tail),
      () => this.#settle(account, entry, tail),
    );
    entry.tail = tail;
    return done;
  }

  #settle(account: AccountId, entry: AccountViews, tail: Promise<unknown>): void {
    if (entry.tail === tail && entry.views.size === 0 && this.#accounts.get(account) === entry)
      this.#accounts.delete(account);
  }

  #take(view: View): void {
    const users = this.#users.get(view) ?? 0;
    this.#users.set(view, users + 1);
    if (this.#idle.delete(view)) this.#idleMessages -= view.count;
    this.#sized({ open: this.#users.size, idle: this.#idle.size });
  }

  #leave(view: View): void {
    const users = this.#users.get(view) ?? 0;
    if (users > 1) return void this.#users.set(view, users - 1);
    this.#users.delete(view);
    if (view.gone) return this.#drop(view);
    this.#idle.add(view);
    this.#idleMessages += view.count;
    for (const oldest of this.#idle) {
      if (this.#idleMessages <= idleMessagesMax && this.#idle.size <= idleViewsMax) break;
      this.#idle.delete(oldest);
      this.#idleMessages -= oldest.count;
      this.#drop(oldest);
    }
    this.#sized({ open: this.#users.size, idle: this.#idle.size });
  }

  #drop(view: View): void {
    const entry = this.#accounts.get(view.account);
    if (entry?.views.get(view.number) !== view) return;
    entry.views.delete(view.number);
    if (entry.views.size === 0 && entry.refreshing === undefined) this.#accounts.delete(view.account);
  }

  /** From a snapshot where that is quicker, else from the rows. */
  async #make(account: AccountId, mailbox: MailboxNumber): Promise<View> {
    const total = await this.#total(account, mailbox);
    if (total === undefined) throw notFound(account, mailbox);
    const recalled =
      total < this.#snapshotMin ? undefined : await this.#store.read(() => recall(account, mailbox));
    if (recalled !== undefined) {
      const view = new View(account, mailbox, recalled.loaded);
      if (view.apply(recalled.version, recalled.catching)) {
        if (isBehind(view, recalled.catching)) this.#save(view);
        return view;
      }
    }
    const loaded = await this.#load(account, mailbox, total);
    if (loaded === undefined) throw notFound(account, mailbox);
    const view = new View(account, mailbox, loaded);
    if (total >= this.#snapshotMin) this.#save(view);
    return view;
  }

  async #total(account: AccountId, mailbox: MailboxNumber): Promise<number | undefined> {
    const box = await this.#store.read(() =>
      maybe<{ total: number }>('select total from mailbox where account = ? and id = ?', account, mailbox),
    );
    return box?.total;
  }

  async #load(account: AccountId, mailbox: MailboxNumber, total: number): Promise<Loaded | undefined> {
    const args = { account, mailbox };
    if (total > readInThreadMax) return this.#store.scan(loadColumns, args);
    return this.#store.read(() => loadColumns.body(args));
  }

  /** One at a time, so that many openings at once do not fill the writer; who comes second saves another time. */
  #save(view: View): void {
    if (this.#saving !== undefined) return;
    const { account, number: mailbox, version, uidNext, modseq, columns } = view;
    const data = encodeColumns(columns.data);
    this.#saving = this.#store
      .write(saveSnapshot, { account, mailbox, version, uidNext, modseq, data })
      .catch((error: unknown) => this.#log.debug({ account, error }, 'a snapshot was not saved'))
      .finally(() => {
        this.#saving = undefined;
      });
  }

  async #catchUp(account: AccountId, views: readonly View[]): Promise<void> {
    const oldest = Math.min(...views.map((view) => view.version));
    const found = await this.#store.read(() => behind(account, views, oldest));
    if (found === undefined) return;
    for (const [i, view] of views.entries()) {
      if (view.version >= found.version || view.apply(found.version, found.catching[i])) continue;
      const total = await this.#total(account, view.number);
      const loaded = total === undefined ? undefined : await this.#load(account, view.number, total);
      if (loaded === undefined) view.apply(found.version, { is: 'gone' });
      else view.reload(loaded);
    }
  }
}

/** So many changes since its snapshot that the next one who opens the mailbox should not have to read them. */
function isBehind(view: View, catching: Catching | undefined): boolean {
  if (catching?.is !== 'changes') return false;
  return catching.rows.length + catching.expunged.size > Math.max(behindMin, view.count * behindShare);
}

interface Behind {
  readonly version: number;
  readonly catching: readonly (Catching | undefined)[];
}

function* behind(
  account: AccountId,
  views: readonly View[],
  oldest: number,
): Transaction<Behind | undefined> {
  const head = yield* readHead(account);
  if (head === undefined) return { version: oldest + 1, catching: views.map(() => ({ is: 'gone' })) };
  if (head.version === oldest) return undefined;
  const lines = yield* readLines(account, head, oldest);
  const catching: (Catching | undefined)[] = [];
  for (const view of views) catching.push(yield* readChanges(account, view, lines));
  return { version: head.version, catching };
}

const notFound = (account: AccountId, mailbox: MailboxNumber): Refusal =>
  new Refusal('mailboxNotFound', `${account} has no mailbox ${mailbox}`);
