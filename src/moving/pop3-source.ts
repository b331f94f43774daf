/**
 * A mailbox on another POP3 server as a source. The unique ids of its messages (UIDL) come along, so that mailers do not download anything again; a message that
 * has come already, from files or by IMAP, only gets its id.
 */
import { type LineParts, type ServerLogin, type ServerPlace, ServerRefusal } from './line.ts';
import { PatientLine } from './patient-line.ts';
import { Pop3Line } from './pop3/pop3-line.ts';
import { receivedTime } from './received-time.ts';
import type { ReadMessage, Source, SourceMailbox, SourceMessage } from './source.ts';

export interface Pop3Options {
  readonly place: ServerPlace;
  readonly login: ServerLogin;
}

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
  readonly #line: PatientLine<Pop3Line>;
  /** Numbers are those of one connection. */
  #listed: { readonly on: Pop3Line; readonly numbers: ReadonlyMap<string, Listed> } | undefined;

  constructor({ place, login }: Pop3Options, parts: LineParts) {
    this.#line = new PatientLine(parts, () => Pop3Line.open(place, login, parts));
    this.name = `pop3:${login.as ?? login.user}@${place.host.toLowerCase()}:${place.port}`;
  }

  async mailboxes(): Promise<readonly SourceMailbox[]> {
    return [{ label: 'POP3', name: 'INBOX', role: 'inbox', subscribed: true }];
  }

  async *messages(): AsyncGenerator<SourceMessage, void, void> {
    const numbers = await this.#line.ask((line) => this.#ready(line));
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
    const found = await this.#line.ask((line) => this.#retrieve(line, keys));
    yield* found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#line.close();
  }

  /** Messages by their unique ids, in the order of the mailbox. */
  async #ready(line: Pop3Line): Promise<ReadonlyMap<string, Listed>> {
    if (this.#listed?.on === line) return this.#listed.numbers;
    const sizes = new Map(pairs(await line.lines('LIST')));
    const found = new Map<string, Listed>();
    for (const [number, uidl] of pairs(await line.lines('UIDL')))
      found.set(uidl, { number: Number(number), uidl, sizeBytes: Number(sizes.get(number) ?? 0) });
    this.#listed = { on: line, numbers: found };
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
