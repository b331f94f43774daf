/**
 * Questions to a person at a terminal. They go to standard error, so that standard output has the answer of the command alone. What is typed ahead
 * is kept for the next question. A secret is read without an echo, key by key.
 */
import { StringDecoder } from 'node:string_decoder';
import { CommandFailure, exitCodes } from './failure.ts';

/** Whether there is a person to ask. */
export const isInteractive = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

export interface Questions {
  /** The answer, trimmed; `fallback` for an empty one. */
  ask(question: string, fallback?: string): Promise<string>;
  secret(question: string): Promise<string>;
  /** `no` unless the answer begins with y (or is はい). */
  confirm(question: string): Promise<boolean>;
}

let typedAhead = '';

export const terminal: Questions = {
  async ask(question, fallback = '') {
    const answer = (await readLine(fallback === '' ? `${question}: ` : `${question} [${fallback}]: `)).trim();
    return answer === '' ? fallback : answer;
  },
  async secret(question) {
    const { stdin } = process;
    // Before the question: whoever answers at once is not to be seen either.
    stdin.setRawMode(true);
    try {
      return await readLine(`${question}: `);
    } finally {
      stdin.setRawMode(false);
      process.stderr.write('\n');
    }
  },
  async confirm(question) {
    return /^(y|はい)/i.test((await readLine(`${question} [y/N] `)).trim());
  },
};

/** The first line of what is piped in: for passwords. */
export async function firstLineOfInput(): Promise<string> {
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of process.stdin) {
    text += chunk as string;
    if (text.includes('\n')) break;
  }
  return text.split(/\r?\n/)[0]!;
}

const cancelled = (): CommandFailure => new CommandFailure('cancelled', exitCodes.cancelled);

async function readLine(question: string): Promise<string> {
  process.stderr.write(question);
  const line = new TypedLine();
  if (line.take(typedAhead) === 'more') await fill(line);
  typedAhead = line.rest;
  if (line.state === 'cancelled') throw cancelled();
  return line.text;
}

function fill(line: TypedLine): Promise<void> {
  const { stdin } = process;
  const decoder = new StringDecoder('utf8');
  return new Promise((resolve) => {
    const finish = (): void => {
      stdin.off('data', hear).off('end', finish);
      stdin.pause();
      if (line.state === 'more') line.state = 'cancelled';
      resolve();
    };
    const hear = (chunk: Buffer): void => {
      if (line.take(decoder.write(chunk)) !== 'more') finish();
    };
    stdin.on('data', hear).on('end', finish);
    stdin.resume();
  });
}

/** A line as it is typed, with the keys that edit it: in raw mode nobody else does. */
class TypedLine {
  text = '';
  /** What came after the end of the line. */
  rest = '';
  state: 'more' | 'done' | 'cancelled' = 'more';

  take(typed: string): TypedLine['state'] {
    const keys = Array.from(typed.replaceAll('\r\n', '\n'));
    for (const [i, key] of keys.entries()) {
      this.#press(key);
      if (this.state === 'more') continue;
      this.rest = keys.slice(i + 1).join('');
      break;
    }
    return this.state;
  }

  #press(key: string): void {
    if (key === '\r' || key === '\n') this.state = 'done';
    else if (key === '\u0003' || (key === '\u0004' && this.text === '')) this.state = 'cancelled';
    else if (key === '\u007f' || key === '\b') this.text = Array.from(this.text).slice(0, -1).join('');
    else if (key === '\u0015') this.text = '';
    else if (key >= ' ') this.text += key;
  }
}
