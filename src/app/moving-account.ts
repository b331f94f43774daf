/** An account of the running server for mail that moves in or out: what `moving` asks of it, by the admin API. */
import { FrameReader, frameStart } from '../base/frames.ts';
import {
  type Destination,
  type HereMailbox,
  type Known,
  type NewMessage,
  type Outgoing,
  Rejected,
  type Taken,
  type WantedMailbox,
} from '../moving/destination.ts';

/** The way to the admin API. */
export interface ApiLine {
  call<T>(method: string, path: string, options?: { readonly body?: unknown }): Promise<T>;
  octets<T>(method: string, path: string, pieces: readonly Uint8Array[]): Promise<T>;
  stream(path: string): Promise<AsyncIterable<Uint8Array>>;
  /** The status of a problem that a call was answered with; undefined for other errors. */
  statusOf(error: unknown): number | undefined;
}

/** No room, too much at once, gone, the server in trouble: the next message would fare no better. */
const isFinal = (status: number): boolean => status >= 500 || [401, 403, 404, 429].includes(status);

const api = '/api/v1/admin';

export class MovingAccount implements Destination {
  readonly #line: ApiLine;
  readonly #base: string;

  constructor(line: ApiLine, account: string) {
    this.#line = line;
    this.#base = `${api}/moving/${encodeURIComponent(account)}`;
  }

  async mailboxes(): Promise<readonly HereMailbox[]> {
    return (await this.#line.call<{ items: HereMailbox[] }>('GET', `${this.#base}/mailboxes`)).items;
  }

  ensureMailbox(wanted: WantedMailbox): Promise<HereMailbox> {
    return this.#line.call<HereMailbox>('PUT', `${this.#base}/mailboxes`, { body: wanted });
  }

  async *known(source: string): AsyncGenerator<Known, void, void> {
    let after = '';
    for (;;) {
      const path = `${this.#base}/import?${query({ source, after })}`;
      const { items, more } = await this.#line.call<{ items: Known[]; more: boolean }>('GET', path);
      yield* items;
      if (!more) return;
      after = items.at(-1)!.key;
    }
  }

  async take(source: string, mailbox: string, messages: readonly NewMessage[]): Promise<readonly Taken[]> {
    const path = `${this.#base}/import?${query({ source, mailbox })}`;
    const pieces = messages.flatMap(({ head, bytes }) => [frameStart(head, bytes.length), bytes]);
    try {
      return (await this.#line.octets<{ items: Taken[] }>('POST', path, pieces)).items;
    } catch (error) {
      const status = this.#line.statusOf(error);
      if (status === undefined) throw error;
      throw new Rejected((error as Error).message, { final: isFinal(status) });
    }
  }

  async followFlags(source: string, items: Parameters<Destination['followFlags']>[1]): Promise<void> {
    await this.#line.call('POST', `${this.#base}/import/flags?${query({ source })}`, { body: { items } });
  }

  async forget(source: string): Promise<void> {
    await this.#line.call('DELETE', `${this.#base}/import?${query({ source })}`);
  }

  async *messages(
    mailbox: string,
    after: number,
  ): AsyncGenerator<Outgoing & { readonly bytes: Buffer }, void, void> {
    const path = `${this.#base}/export?${query({ mailbox, after: String(after) })}`;
    const reader = new FrameReader(await this.#line.stream(path));
    for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
      const pieces: Buffer[] = [];
      for await (const piece of reader.body()) pieces.push(piece);
      yield { ...(frame.head as Outgoing), bytes: Buffer.concat(pieces) };
    }
  }
}

const query = (values: Readonly<Record<string, string>>): string => new URLSearchParams(values).toString();
