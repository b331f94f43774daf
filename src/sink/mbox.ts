/** Keeps mails as mbox files (RFC 4155; `From ` lines quoted as mboxrd does): one file for each provider. */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { joinAddress } from '../proto/smtp/path.ts';
import type { SunkMail } from './conversation.ts';

export class MboxFiles implements AsyncDisposable {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #files = new Map<string, WriteStream>();
  #failure: Error | undefined;

  constructor(folder: string, clock: Clock) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Why nothing more is written, as when the disk is full. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  readonly keep = (provider: string, { envelope, text }: SunkMail): void => {
    if (this.#failure !== undefined) return;
    const sender = envelope.sender === null ? 'MAILER-DAEMON' : joinAddress(envelope.sender);
    const time = new Date(this.#clock.nowMs())
      .toUTCString()
      .replace(/^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/, '$1 $3 $2 $5 $4');
    const envelopeLines = [
      `From ${sender.replaceAll(/\s/g, '_')} ${time}`,
      `X-Sink-Sender: <${envelope.sender === null ? '' : sender}>`,
      ...envelope.recipients.map((to) => `X-Sink-Recipient: <${joinAddress(to)}>`),
    ];
    const body = text
      .bytes()
      .toString('latin1')
      .replaceAll('\r\n', '\n')
      .replaceAll(/^(>*From )/gm, '>$1');
    const file = this.#file(provider);
    file.write(Buffer.from(`${envelopeLines.join('\n')}\n`));
    file.write(body.endsWith('\n') ? `${body}\n` : `${body}\n\n`, 'latin1');
  };

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files.values()) {
      file.end();
      await finished(file).catch((error: Error) => {
        this.#failure ??= error;
      });
    }
  }

  #file(provider: string): WriteStream {
    const known = this.#files.get(provider);
    if (known) return known;
    const file = createWriteStream(join(this.#folder, `${provider}.mbox`), { flags: 'a', mode: 0o600 });
    file.on('error', (error) => {
      this.#failure ??= error;
    });
    this.#files.set(provider, file);
    return file;
  }
}
