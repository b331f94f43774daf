/**
 * APPEND in the stages in which it arrives (RFC 3501, 6.3.11; RFC 3502 for several messages; RFC 6855, 4 for UTF8): the text up to the first
 * message, the text between two, and the end. The messages themselves are streamed by the reader.
 */
import { parseDateTime } from './date-time.ts';
import { flagList } from './parse-fetch.ts';
import { CommandError, Scanner, type CommandText } from './scanner.ts';

export interface AppendStart {
  readonly tag: string;
  readonly mailbox: string;
  readonly message: AppendMessage;
}

export interface AppendMessage {
  readonly flags: readonly string[];
  /** Undefined: now. */
  readonly receivedAtMs: number | undefined;
  /** The literal stands in `UTF8 (…)`: a ")" follows it. */
  readonly utf8: boolean;
}

/** `tag APPEND mailbox [(flags)] [date] `, with the literal's marker cut off. */
export function parseAppendStart(text: CommandText, utf8: boolean): AppendStart {
  const s = new Scanner(text, utf8);
  const tag = s.tag();
  s.space();
  s.word('command');
  s.space();
  const mailbox = s.mailbox();
  return { tag, mailbox, message: appendMessage(s) };
}

/** What stands between two messages. `open` if the one before was in `UTF8 (…)`. */
export function parseAppendNext(text: CommandText, open: boolean): AppendMessage {
  const s = new Scanner(text);
  if (open) s.expect(')');
  return appendMessage(s);
}

/** What follows the last message: nothing, or the parenthesis of `UTF8 (…)`. */
export function parseAppendEnd(text: CommandText, open: boolean): void {
  const s = new Scanner(text);
  if (open) s.expect(')');
  s.end();
}

function appendMessage(s: Scanner): AppendMessage {
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
  const utf8 = s.takeText('UTF8 (');
  if (!s.atTextEnd) throw new CommandError('Expected a message literal');
  return { flags, receivedAtMs, utf8 };
}
