/** An APPEND or REPLACE as its pieces arrive: one at a time, answered when it is complete or when something about it is refused. */
import type { CommandReader, Input, TooLarge } from '../proto/imap/command-reader.ts';
import { tagOf } from '../proto/imap/parse-command.ts';
import type { CommandText } from '../proto/imap/scanner.ts';
import { Appending } from './commands/append.ts';
import type { Outcome } from './outcome.ts';
import { bad, no } from './replies.ts';
import type { Session } from './session.ts';

/** Runs a command and sends its tagged reply. */
type Answer = (tag: string | undefined, verb: string, run: () => Promise<Outcome>) => Promise<void>;

export class AppendFlow {
  readonly #session: Session;
  readonly #answer: Answer;
  #appending: Appending | undefined;
  #verb = 'APPEND';

  constructor(session: Session, answer: Answer) {
    this.#session = session;
    this.#answer = answer;
  }

  get inHand(): boolean {
    return this.#appending !== undefined;
  }

  /** A literal is announced: asked for, or refused at once. */
  async begin(input: Extract<Input, { is: 'message' }>, reader: CommandReader): Promise<void> {
    const tag = this.#appending?.tag ?? tagOf(input.text);
    try {
      if (!input.after) this.#verb = / (?:UID )?REPLACE /i.test(input.text.lines[0]!) ? 'REPLACE' : 'APPEND';
      this.#appending ??= new Appending(this.#session);
      await this.#appending.begin(input);
      if (input.synchronizing) this.#session.invite();
    } catch (error) {
      reader.refuse();
      await this.#fail(tag, error);
    }
  }

  bytes(bytes: Uint8Array, reader: CommandReader): Promise<void> | undefined {
    const written = this.#appending?.write(bytes);
    return written?.catch((error: unknown) => {
      reader.refuse();
      return this.#fail(this.#appending?.tag, error);
    });
  }

  end(text: CommandText): Promise<void> | undefined {
    const appending = this.#appending;
    this.#appending = undefined;
    return appending && this.#answer(appending.tag, this.#verb, () => this.#finish(appending, text));
  }

  /** A command without a literal: all of its message is URLs. */
  whole(text: CommandText, verb: string): Promise<void> {
    return this.#answer(tagOf(text), verb, () => this.#finish(new Appending(this.#session), text));
  }

  /** RFC 7888: a literal above our limit is refused; one that LITERAL- forbids is a mistake of the client. */
  tooLarge({ text, forbidden }: Pick<TooLarge, 'text' | 'forbidden'>): Promise<void> {
    const why = 'Literals of the command are too large';
    const refusal = forbidden ? bad(why) : no(why, 'TOOBIG');
    return this.#fail(this.#appending?.tag ?? tagOf(text), refusal);
  }

  /** The client is gone. */
  drop(): void {
    void this.#appending?.abort();
  }

  async #finish(appending: Appending, text: CommandText): Promise<Outcome> {
    try {
      return await appending.finish(text);
    } catch (error) {
      await appending.abort();
      throw error;
    }
  }

  async #fail(tag: string | undefined, error: unknown): Promise<void> {
    const appending = this.#appending;
    this.#appending = undefined;
    await appending?.abort();
    await this.#answer(tag, this.#verb, () => Promise.reject(error));
  }
}
