/**
 * A mailbox on another POP3 server as a source. The unique ids of its messages (UIDL) come along, so that mailers do not download anything again; a message that
 * has come already, from files or by IMAP, only gets its id.
 */
import { sleep } from '../base/clock.ts';
import { LineLost, type LineParts, type ServerLogin, type ServerPlace, ServerRefusal } from './line.ts';
import { Pop3Line } from './pop3/pop3-line.ts';
import { receivedTime } from './received-time.ts';
import type { ReadMessage, Source, SourceMailbox, SourceMessage } from './source.ts';

export interface Pop3Options {
  readonly place: ServerPlace;
  readonly login: ServerLogin;
}

const triesMax = 6;
const firstWaitMs = 1000;
const uidlForm = /^[\x21-\x7e]{1,70}$/;

interface Listed {
  readonly number: number;
  readonly uidl: string;
  readonly sizeBytes: number;
}

export class Pop3Source implements Source {
  readonly name: string;
  readonly isLocal = false;
  readonly remarks: string[] = [];
  readonly #options: Pop3Options;
  readonly #parts: LineParts;
  #line: Pop3Line | undefined;
  /** Numbers are those of one connection. */
  #numbers: ReadonlyMap<string, Listed> | undefined;

  constructor(options: Pop3Options, parts: LineParts) {
    this.#options = options;
    this.#parts = parts;
    const { place, login } = options;
    this.name = `pop3:${login.as ?? login.user}@${place.host.toLowerCase()}:${place.port}`;
  }

  async mailboxes(): Promise<readonly SourceMailbox[]> {
    return [{ label: 'POP3', name: 'INBOX', role: 'inbox', subscribed: true }];
  }

  async *messages(): AsyncGenerator<SourceMessage, void, void> {
    const numbers = await this.#patiently((line) => this.#ready(line));
    for (const { uidl, number, sizeBytes } of numbers.values()) {
      yield {
        key: uidl,
        label: `message ${number}, ${uidl}`,
        flags: undefined,
        receivedAtMs: undefined,
        sizeBytes,
        adopt: true,
        ...(uidlForm.test(uidl) && { uidl }),
      };
    }
  }

  async *read(_: SourceMailbox, messages: readonly SourceMessage[]): AsyncGenerator<ReadMessage, void, void> {
    const keys = messages.map(({ key }) => key);
    const found = await this.#patiently((line) => this.#retrieve(line, keys));
    yield* found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#line?.close();
  }

  async #patiently<T>(ask: (line: Pop3Line) => Promise<T>): Promise<T> {
    const { place, login } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        if (this.#line === undefined) {
          this.#numbers = undefined;
          this.#line = await Pop3Line.open(place, login, this.#parts);
        }
        return await ask(this.#line);
      } catch (error) {
        if (!(error instanceof LineLost) || tries === triesMax) throw error;
        this.#line?.close();
        this.#line = undefined;
        await sleep(this.#parts.clock, firstWaitMs * 2 ** (tries - 1));
      }
    }
  }

  /** Messages by their unique ids, in the order of the mailbox. */
  async #ready(line: Pop3Line): Promise<ReadonlyMap<string, Listed>> {
    if (this.#numbers !== undefined) return this.#numbers;
    const sizes = new Map(pairs(await line.lines('LIST')));
    const found = new Map<string, Listed>();
    for (const [number, uidl] of pairs(await line.lines('UIDL')))
      found.set(uidl, { number: Number(number), uidl, sizeBytes: Number(sizes.get(number) ?? 0) });
    this.#numbers = found;
    return found;
  }

  async #retrieve(line: Pop3Line, keys: readonly string[]): Promise<ReadMessage[]> {
    const numbers = await this.#ready(line);
    const ask = async (key: string): Promise<ReadMessage> => {
      const listed = numbers.get(key);
      if (listed === undefined) return { is: 'unreadable', why: 'it is no longer there' };
      try {
        const bytes = await line.lines(`RETR ${listed.number}`);
        const receivedAtMs = receivedTime(bytes);
        return { is: 'bytes', bytes, ...(receivedAtMs !== undefined && { receivedAtMs }) };
      } catch (error) {
        if (error instanceof ServerRefusal) return { is: 'unreadable', why: error.message };
        throw error;
      }
    };
    if (line.capabilities.has('PIPELINING')) return Promise.all(keys.map(ask));
    const found: ReadMessage[] = [];
    for (const key of keys) found.push(await ask(key));
    return found;
  }
}

/** `1 abc` lines. */
function pairs(lines: Buffer): [string, string][] {
  const found: [string, string][] = [];
  for (const line of lines.toString('latin1').split('\n')) {
    const match = /^(\d+)\s+(\S+)/.exec(line);
    if (match !== null) found.push([match[1]!, match[2]!]);
  }
  return found;
}
