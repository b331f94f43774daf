/** Transcripts of sessions as files: one for each, in a folder for each account, readable by the owner of the data alone, and none larger than it needs to be. */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { TranscriptKeeper, TranscriptLines } from '../imapd/transcript.ts';

/** Characters of one transcript; what is said after is not kept. */
const sizeMax = 10 * 1024 * 1024;
/** Lines are written together, this long after the first of them. */
const gatherMs = 500;

export function transcriptFiles(
  folder: string,
  { clock, log }: { clock: Clock; log: Log },
): TranscriptKeeper {
  let count = 0;
  return {
    open: (account, peer) => {
      const at = new Date(clock.nowMs()).toISOString().replaceAll(':', '');
      const path = join(folder, account, `${at}-${process.pid}-${(count += 1)}.txt`);
      return new TranscriptFile(path, { clock, log, peer });
    },
  };
}

class TranscriptFile implements TranscriptLines {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting = '';
  #size = 0;
  /** Writes follow one another. */
  #written: Promise<void>;
  #timer: Disposable | undefined;

  constructor(path: string, { clock, log, peer }: { clock: Clock; log: Log; peer: string }) {
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
    this.#written = mkdir(join(path, '..'), { recursive: true, mode: 0o700 }).then(
      () => undefined,
      this.#failed,
    );
    this.line(`# from ${peer}`);
  }

  line(text: string): void {
    if (this.#size > sizeMax) return;
    const line = `${new Date(this.#clock.nowMs()).toISOString()} ${text}\n`;
    this.#size += line.length;
    this.#waiting += line;
    this.#timer ??= this.#clock.after(gatherMs, () => this.end());
  }

  end(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const text = this.#waiting;
    this.#waiting = '';
    if (text === '') return;
    this.#written = this.#written
      .then(() => appendFile(this.#path, text, { mode: 0o600 }))
      .catch(this.#failed);
  }

  readonly #failed = (error: unknown): void => {
    this.#log.warn({ error, path: this.#path }, 'a transcript could not be written');
  };
}
