/**
 * The maps of accounts whose mail was asked for lately. One that is behind is moved forward from the change log, email by email; it is made anew from the
 * views where that would be no less work, or where mailboxes have gone.
 */
import type { AccountId } from '../../base/ids.ts';
import type { Store } from '../../store/store.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import { readLog } from '../changes/read-log.ts';
import type { EmailNumber, MailboxNumber } from '../ids.ts';
import { type EmailRow, rowsOfEmails } from '../rules/email-rows.ts';
import { readHead } from '../view/load.ts';
import type { Views } from '../view/views.ts';
import { MailMap } from './mail-map.ts';

/** Messages of all maps that are kept: some 40 bytes each, and 4 more for each answer that is kept with it. */
const mappedMax = 1_000_000;
/** Versions, and emails, that a map is moved forward by. */
const versionsMax = 500;
const touchedMax = 2000;
/** Lists of keywords, most of which no email has any more. */
const keywordListsMax = 10_000;

type Readable = readonly MailboxNumber[] | undefined;

export interface MapParts {
  readonly store: Store;
  readonly views: Views;
}

export class MailMaps {
  readonly #parts: MapParts;
  /** By account and readable mailboxes, the last used ones last. */
  readonly #made = new Map<string, MailMap>();
  readonly #making = new Map<string, Promise<MailMap>>();

  constructor(parts: MapParts) {
    this.#parts = parts;
  }

  /** The map of this moment; who asks while it is being made waits for it. */
  async map(account: AccountId, readable: Readable): Promise<MailMap> {
    const key = `${account} ${readable?.join() ?? ''}`;
    const head = await this.#parts.store.read(() => readHead(account));
    const version = head?.version ?? 0;
    const known = this.#made.get(key);
    if (known?.version === version) {
      this.#keep(key, known);
      return known;
    }
    const waiting = `${key} ${version}`;
    let making = this.#making.get(waiting);
    if (making === undefined) {
      making = this.#make({ account, readable, version }, known).finally(() => this.#making.delete(waiting));
      this.#making.set(waiting, making);
    }
    const map = await making;
    // Another may have come further meanwhile.
    if (map.version >= (this.#made.get(key)?.version ?? 0)) this.#keep(key, map);
    return map;
  }

  #keep(key: string, map: MailMap): void {
    this.#made.delete(key);
    this.#made.set(key, map);
    let mapped = 0;
    for (const each of this.#made.values()) mapped += each.count;
    for (const [oldest, { count }] of this.#made) {
      if (mapped <= mappedMax || oldest === key) break;
      this.#made.delete(oldest);
      mapped -= count;
    }
  }

  async #make(of: Wanted, known: MailMap | undefined): Promise<MailMap> {
    const { account, readable } = of;
    const from = known !== undefined && known.keywordListCount <= keywordListsMax ? known : undefined;
    const steps = from && (await this.#parts.store.read(() => touchedSince(account, from.version, readable)));
    return steps === undefined ? this.#makeAnew(of) : from!.advanced(steps.version, steps.touched);
  }

  async #makeAnew({ account, readable, version }: Wanted): Promise<MailMap> {
    const { store, views } = this.#parts;
    const [boxes, head] = await store.read(() => standing(account));
    const shown = boxes.filter((id) => readable?.includes(id) ?? true);
    return views.useAll(account, shown, (found) => {
      const total = found.reduce((sum, view) => sum + view.count, 0);
      // As many memberships as emails: then each email is in one mailbox, at least where all are looked at.
      const unique = readable === undefined && head?.purging === 0 && total === head.emails;
      return MailMap.of(version, found, unique);
    });
  }
}

interface Wanted {
  readonly account: AccountId;
  readonly readable: Readable;
  readonly version: number;
}

interface Standing {
  readonly emails: number;
  /** Mailboxes that are gone, whose mail is still going. */
  readonly purging: number;
}

function* standing(account: AccountId): Transaction<[readonly MailboxNumber[], Standing | undefined]> {
  const boxes = yield* rows<{ id: number }>('select id from mailbox where account = ?', account);
  const head = yield* maybe<{ emails: number; purging: number }>(
    `select emails, (select count(*) from mailbox_purge p where p.account = s.account) as purging
      from account_store s where account = ?`,
    account,
  );
  return [boxes.map(({ id }) => id), head];
}

interface Steps {
  readonly version: number;
  /** With the memberships that are shown now; none: the email is not. */
  readonly touched: ReadonlyMap<EmailNumber, readonly EmailRow[]>;
}

/** Undefined: a map is better made anew. */
function* touchedSince(
  account: AccountId,
  version: number,
  readable: Readable,
): Transaction<Steps | undefined> {
  const head = yield* readHead(account);
  if (head === undefined || head.version - version > versionsMax) return undefined;
  const read = yield* readLog({ account, since: { version, upTo: Infinity }, readable });
  if (read === undefined || read.reading.touched.size > touchedMax) return undefined;
  const { reading } = read;
  if ([...reading.boxes.keys()].some((number) => !reading.all.has(number))) return undefined;
  const touched = new Map<EmailNumber, EmailRow[]>([...reading.touched.keys()].map((email) => [email, []]));
  for (const row of yield* rowsOfEmails(account, [...touched.keys()]))
    if (reading.shows(row)) touched.get(row.email)!.push(row);
  return { version: read.version, touched };
}
