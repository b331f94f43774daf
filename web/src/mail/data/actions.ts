/** What is done to messages: shown at once, told to the server, and taken back by Undo or when the server refuses. */
import type { QueryClient } from '@tanstack/react-query';
import { admin } from '../../api/client.ts';
import { checked, jmap } from '../jmap/client.ts';
import type { Email, EmailRow, Id } from '../jmap/types.ts';
import { listKey, type ListPage } from './messages.ts';

export type Patch = Readonly<Record<string, boolean | null>>;

/** A message and what it was before. */
export interface Touched {
  readonly id: Id;
  readonly mailboxIds: Readonly<Record<Id, true>>;
  readonly keywords: Readonly<Record<string, true>>;
}

export class Actions {
  readonly #account: Id;
  readonly #client: QueryClient;

  constructor(account: Id, client: QueryClient) {
    this.#account = account;
    this.#client = client;
  }

  /** `$seen`, `$flagged`, …: set or taken away. */
  async keyword(messages: readonly Touched[], keyword: string, on: boolean): Promise<void> {
    this.#show(messages, ({ keywords, ...row }) => {
      const { [keyword]: _, ...rest } = keywords;
      return { ...row, keywords: on ? { ...rest, [keyword]: true } : rest };
    });
    await this.#update(messages, () => ({ [`keywords/${escaped(keyword)}`]: on ? true : null }));
  }

  /** Out of one mailbox (all, where none is given) into another. Gives how to take it back. */
  async move(messages: readonly Touched[], from: Id | undefined, to: Id): Promise<() => Promise<void>> {
    this.#hide(messages);
    await this.#update(messages, ({ mailboxIds }) =>
      from === undefined || mailboxIds[from] === undefined
        ? { mailboxIds: { [to]: true } }
        : { [`mailboxIds/${from}`]: null, [`mailboxIds/${to}`]: true },
    );
    return () => this.#update(messages, ({ mailboxIds }) => ({ mailboxIds }));
  }

  /** Out of sight until then (the server brings it back). Gives how to take it back. */
  async snooze(messages: readonly Touched[], from: Id, untilMs: number): Promise<() => Promise<void>> {
    this.#hide(messages);
    await this.#done(async () => {
      const emails = messages.map(({ id }) => id);
      await admin.post('/me/snoozed', { emails, mailbox: from, untilMs });
    });
    return () => this.#update(messages, ({ mailboxIds }) => ({ mailboxIds }));
  }

  async destroy(messages: readonly Touched[]): Promise<void> {
    this.#hide(messages);
    await this.#done(async () => {
      const { d } = await jmap([
        ['Email/set', { accountId: this.#account, destroy: messages.map(({ id }) => id) }, 'd'],
      ]);
      checked(d);
    });
  }

  #update(messages: readonly Touched[], patch: (message: Touched) => object): Promise<void> {
    return this.#done(async () => {
      const update = Object.fromEntries(messages.map((message) => [message.id, patch(message)]));
      const { u } = await jmap([['Email/set', { accountId: this.#account, update }, 'u']]);
      checked(u);
    });
  }

  /** What is on view is read again either way. */
  async #done(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } finally {
      void this.#client.invalidateQueries({ queryKey: ['mail', this.#account] });
    }
  }

  #show(messages: readonly Touched[], change: <T extends EmailRow>(row: T) => EmailRow): void {
    const ids = new Set(messages.map(({ id }) => id));
    const changed = <T extends EmailRow>(row: T): T => (ids.has(row.id) ? { ...row, ...change(row) } : row);
    this.#client.setQueriesData<ListPage>({ queryKey: listKey(this.#account) }, (page) =>
      page === undefined ? page : { ...page, rows: page.rows.map(changed) },
    );
    this.#client.setQueriesData<Email[]>({ queryKey: ['mail', this.#account, 'thread'] }, (emails) =>
      emails?.map(changed),
    );
  }

  #hide(messages: readonly Touched[]): void {
    const ids = new Set(messages.map(({ id }) => id));
    this.#client.setQueriesData<ListPage>({ queryKey: listKey(this.#account) }, (page) => {
      if (page === undefined) return page;
      const rows = page.rows.filter(({ id }) => !ids.has(id));
      return { ...page, rows, total: page.total - (page.rows.length - rows.length) };
    });
  }
}

/** A key in a patch is a JSON Pointer (RFC 6901, 3). */
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
