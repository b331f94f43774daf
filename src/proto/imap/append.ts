/**
 * APPEND and REPLACE in the stages in which they arrive (RFC 3501, 6.3.11; RFC 3502 for several messages; RFC 4469 for CATENATE; RFC 6855, 4 for UTF8; RFC 8508 for
 * REPLACE). The messages, and the texts of CATENATE, are literals that the reader streams; what is read here is what stands between them.
 *
 *   start --flags, date--> literal announced --> afterMessage --> next message or end
 *                      \--CATENATE (--> catenate: URL, TEXT literal announced --> … --) --> afterMessage
 */
import { parseDateTime } from './date-time.ts';
import { flagList } from './parse-fetch.ts';
import { CommandError, Scanner, type CommandText } from './scanner.ts';
import { parseSequenceSet, type SequenceSet } from './sequence-set.ts';

export interface AppendHead {
  readonly mailbox: string;
  /** REPLACE: the message that goes. */
  readonly replace: { readonly uid: boolean; readonly set: SequenceSet } | undefined;
}

export type AppendStep =
  | { readonly is: 'message'; readonly flags: readonly string[]; readonly receivedAtMs: number | undefined }
  /** A piece of the message is what the URL stands for. */
  | { readonly is: 'url'; readonly url: string };

/** URLs of one command. */
const urlsMax = 1_000;

export class AppendParser {
  readonly #utf8: boolean;
  #at: 'start' | 'afterMessage' | 'inUtf8' | 'inCatenate' = 'start';
  #head: AppendHead | undefined;
  #messages = 0;
  #urls = 0;
  /** The literal behind the text in hand is the next piece. */
  #announced = false;

  /** `utf8`: mailbox names are UTF-8. */
  constructor(utf8: boolean) {
    this.#utf8 = utf8;
  }

  /** Known after the first text. */
  get head(): AppendHead | undefined {
    return this.#head;
  }

  /** The text up to a literal that is a message or a part of one (`ended: false`), or up to the end of the command. */
  read(text: CommandText, ended: boolean): AppendStep[] {
    const s = new Scanner(text, this.#utf8);
    const steps: AppendStep[] = [];
    if (this.#at === 'start') {
      this.#head = readHead(s);
      this.#message(s, steps);
    } else if (this.#at === 'inUtf8') {
      s.expect(')');
      this.#at = 'afterMessage';
    } else if (this.#at === 'inCatenate' && s.take(' ')) this.#parts(s, steps);
    else if (this.#at === 'inCatenate') this.#close(s);
    while (!this.#announced && s.ahead(ended ? / ./y : / /y)) this.#message(s, steps);
    if (ended) this.#end(s);
    else if (!this.#announced || !s.atTextEnd) throw new CommandError('Expected a message literal');
    this.#announced = false;
    return steps;
  }

  #end(s: Scanner): void {
    if (this.#announced || this.#at !== 'afterMessage') throw new CommandError('A message is missing');
    s.end();
  }

  #message(s: Scanner, steps: AppendStep[]): void {
    if (this.#head?.replace !== undefined && this.#messages > 0)
      throw new CommandError('REPLACE takes one message');
    this.#messages += 1;
    s.space();
    let flags: readonly string[] = [];
    let receivedAtMs: number | undefined;
    if (s.peek() === '(') {
      flags = flagList(s);
      s.space();
    }
    if (s.peek() === '"') {
      receivedAtMs = parseDateTime(s.string('date'));
      if (receivedAtMs === undefined) throw new CommandError('Invalid date-time');
      s.space();
    }
    steps.push({ is: 'message', flags, receivedAtMs });
    if (s.takeText('CATENATE (')) {
      this.#at = 'inCatenate';
      this.#parts(s, steps);
    } else {
      this.#at = s.takeText('UTF8 (') ? 'inUtf8' : 'afterMessage';
      this.#announced = true;
    }
  }

  /** Parts up to a TEXT literal, or up to the closing parenthesis. */
  #parts(s: Scanner, steps: AppendStep[]): void {
    for (;;) {
      if (s.takeText('TEXT ')) {
        this.#announced = true;
        return;
      }
      if (!s.takeText('URL ')) throw new CommandError('Expected URL or TEXT');
      if (++this.#urls > urlsMax) throw new CommandError('Too many URLs');
      steps.push({ is: 'url', url: s.astring('URL') });
      if (!s.take(' ')) return this.#close(s);
    }
  }

  #close(s: Scanner): void {
    s.expect(')');
    this.#at = 'afterMessage';
  }
}

/** `tag APPEND mailbox`, or `tag [UID] REPLACE message mailbox`. */
function readHead(s: Scanner): AppendHead {
  s.tag();
  s.space();
  let name = s.word('command');
  s.space();
  const uid = name === 'UID';
  if (uid) {
    name = s.word('command');
    s.space();
  }
  if (name !== 'REPLACE') return { mailbox: s.mailbox(), replace: undefined };
  const set = parseSequenceSet(s.match(/[1-9][0-9]*|\*/y, 'message'));
  if (set === undefined) throw new CommandError('Invalid message');
  s.space();
  return { mailbox: s.mailbox(), replace: { uid, set } };
}
