/** A folder with an mbox file for each mailbox (mboxrd: what is quoted can be undone), with the state of each message in Status fields. */
import { type FileHandle, mkdir, open as openFile, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fieldText, findField, parseHeaders } from '../proto/mime/headers.ts';
import type { HereMailbox } from './destination.ts';
import type { ExportFolder, MailboxWriter, OutgoingMessage } from './export.ts';
import { FileNames } from './file-names.ts';
import { quoteFrom } from './mbox/mbox-format.ts';
import { statusFields } from './mbox/mbox-status.ts';
import { toLf } from './message-bytes.ts';

export class MboxFolder implements ExportFolder {
  readonly #root: string;
  readonly #names = new FileNames();

  constructor({ folder }: { readonly folder: string }) {
    this.#root = resolve(folder);
  }

  async open({ name }: HereMailbox): Promise<MailboxWriter> {
    const path = join(this.#root, this.#names.path(name.split('/'), '.mbox'));
    await mkdir(dirname(path), { recursive: true });
    // Written from the start when it was stopped: the file has its name only when it is whole.
    return new Writer(path, await openFile(partOf(path), 'w'));
  }

  async finish(): Promise<void> {}
}

const partOf = (path: string): string => `${path}.part`;

class Writer implements MailboxWriter {
  readonly #path: string;
  readonly #file: FileHandle;

  constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  has(): boolean {
    return false;
  }

  async write(message: OutgoingMessage): Promise<void> {
    try {
      // Each goes on where the one before ended.
      await this.#file.writeFile(mboxText(message));
    } catch (error) {
      await this.#file.close();
      throw error;
    }
  }

  async finish(): Promise<void> {
    await this.#file.close();
    await rename(partOf(this.#path), this.#path);
  }
}

const LF = 0x0a;

/** A message with its separator in front, and an empty line behind. */
export function mboxText({ bytes, flags, receivedAtMs }: OutgoingMessage): Buffer {
  const text = toLf(bytes);
  const header = parseHeaders(text);
  const start = header.bodyStart;
  const at =
    start > 0 && text[start - 1] === LF && (start === 1 || text[start - 2] === LF) ? start - 1 : start;
  const endsLine = at === 0 || text[at - 1] === LF;
  const stated = Buffer.concat([
    text.subarray(0, at),
    Buffer.from(`${endsLine ? '' : '\n'}${statusFields(flags)}`),
    text.subarray(at),
  ]);
  const whole = stated.at(-1) === LF ? '\n' : '\n\n';
  return Buffer.concat([Buffer.from(fromLine(text, receivedAtMs)), quoteFrom(stated), Buffer.from(whole)]);
}

/** `From sender Fri Jul  8 12:08:34 2011`, in UTC (RFC 4155). */
function fromLine(text: Buffer, receivedAtMs: number): string {
  const header = parseHeaders(text);
  const field = findField(header, 'return-path');
  const sender = /<([!-;=?-~]+@[!-;=?-~]+)>/.exec(field === undefined ? '' : fieldText(text, field))?.[1];
  // `Fri, 08 Jul 2011 12:08:34 GMT`
  const [weekday, day, month, year, time] = new Date(receivedAtMs).toUTCString().replace(',', '').split(' ');
  return `From ${sender ?? 'MAILER-DAEMON'} ${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}\n`;
}
