/** The view of one mailbox: columns, counters, and the sessions that watch it. See ../mailbox-view.ts for what it promises. */
import type { AccountId, MailboxId, ModSeq, Uid } from '../../base/ids.ts';
import { type Flags, splitKeywords } from '../flags.ts';
import { type EmailNumber, type MailboxNumber, mailboxId } from '../ids.ts';
import type { MailboxView } from '../mailbox-view.ts';
import { Columns } from './columns.ts';
import type { Catching, Loaded, MailboxState } from './load.ts';

/** Keyword lists that no message has any more: beyond this many the view is loaded anew to be rid of them. */
const deadListsMax = 10_000;

export class View implements MailboxView {
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly number: MailboxNumber;
  readonly #watchers = new Set<() => void>();
  #columns: Columns;
  #state: MailboxState;
  #keywords: readonly string[];
  /** Version of the account that the view stands at. */
  version: number;
  /** The mailbox was deleted. */
  gone = false;

  constructor(account: AccountId, number: MailboxNumber, loaded: Loaded) {
    this.account = account;
    this.mailbox = mailboxId(number);
    this.number = number;
    this.#columns = new Columns(loaded.columns);
    this.#state = loaded;
    this.#keywords = splitKeywords(loaded.keywords);
    this.version = loaded.version;
  }

  get uidValidity(): number {
    return this.#state.uidValidity;
  }
  get uidNext(): Uid {
    return this.#state.uidNext as Uid;
  }
  get modseq(): ModSeq {
    return this.#state.modseq as ModSeq;
  }
  get count(): number {
    return this.#columns.count;
  }
  get unseen(): number {
    return this.#state.unseen;
  }
  get keywords(): readonly string[] {
    return this.#keywords;
  }
  get columns(): Columns {
    return this.#columns;
  }

  positionOf(uid: number): number {
    return this.#columns.positionOf(uid);
  }
  positionFrom(uid: number): number {
    return this.#columns.positionFrom(uid);
  }
  uidAt(position: number): Uid {
    return this.#columns.uids[position]! as Uid;
  }
  systemFlagsAt(position: number): number {
    return this.#columns.data.flags[position]!;
  }
  keywordsAt(position: number): readonly string[] {
    return this.#columns.keywordLists[this.#columns.data.keywords[position]!]!;
  }
  flagsAt(position: number): Flags {
    return { system: this.systemFlagsAt(position), keywords: this.keywordsAt(position) };
  }
  modseqAt(position: number): ModSeq {
    return this.#columns.data.modseqs[position]! as ModSeq;
  }
  sizeAt(position: number): number {
    return this.#columns.data.sizes[position]!;
  }
  receivedAtMsAt(position: number): number {
    return this.#columns.data.received[position]!;
  }
  savedAtMsAt(position: number): number {
    return this.#columns.data.saved[position]!;
  }
  emailAt(position: number): EmailNumber {
    return this.#columns.data.emails[position]!;
  }
  threadAt(position: number): EmailNumber {
    return this.#columns.data.threads[position]!;
  }

  /** Moves the view to `version`. Gives false when it must be loaded anew instead. */
  apply(version: number, catching: Catching | undefined): boolean {
    if (catching?.is === 'reload') return false;
    this.version = version;
    if (catching === undefined) return true;
    if (catching.is === 'gone') {
      this.gone = true;
      this.#tell();
      return true;
    }
    const { state, rows, expunged } = catching;
    const positions = [...expunged].map((uid) => this.positionOf(uid)).filter((position) => position !== -1);
    this.#columns.remove(positions.sort((a, b) => a - b));
    for (const row of rows) this.#columns.put(row);
    this.#take(state);
    return this.#columns.keywordLists.length <= this.count + deadListsMax;
  }

  /** Takes a fresh load in place of what there was; sessions find the differences when they sync. */
  reload(loaded: Loaded): void {
    this.#columns = new Columns(loaded.columns);
    this.version = loaded.version;
    this.#take(loaded);
  }

  watch(watcher: () => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  #take(state: MailboxState): void {
    if (state.keywords !== this.#state.keywords) this.#keywords = splitKeywords(state.keywords);
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
