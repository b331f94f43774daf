/** Certificates that the settings name by files, read again when a file changes: certbot and its like replace them while we run. */
import { readFileSync, statSync } from 'node:fs';
import { systemClock, type Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Settings } from '../config/schema.ts';
import { TlsContexts, type Certificate } from '../net/tls-contexts.ts';

type Named = Settings['tls']['certificates'];

/** How often the files are looked at. */
const lookEveryMs = 5_000;

export class CertificateFiles implements Disposable {
  readonly #log: Log;
  readonly #onChange: () => void;
  #named: Named;
  #stamp: string;
  #current: readonly Certificate[];
  #problem = '';
  #timer: Timer | undefined;

  /** Throws with the file's name when one cannot be read or used. */
  constructor(named: Named, log: Log, onChange: () => void) {
    this.#log = log;
    this.#onChange = onChange;
    this.#named = named;
    this.#stamp = stampOf(named);
    this.#current = readAll(named);
    this.#timer = systemClock.after(lookEveryMs, () => this.#look());
  }

  get current(): readonly Certificate[] {
    return this.#current;
  }

  /** Reads them now, whatever their times say. Throws, and keeps what there is, when they cannot be used. */
  reload(named: Named): void {
    const stamp = stampOf(named);
    this.#current = readAll(named);
    this.#named = named;
    this.#stamp = stamp;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  /** Of two files that belong together one may be there before the other: what does not fit is looked at again. */
  #look(): void {
    if (this.#timer === undefined) return;
    const stamp = stampOf(this.#named);
    if (stamp !== this.#stamp) {
      try {
        this.#current = readAll(this.#named);
        this.#stamp = stamp;
        this.#problem = '';
        this.#log.info({}, 'certificate files changed and were read again');
        this.#onChange();
      } catch (error) {
        this.#tell((error as Error).message);
      }
    }
    this.#timer.restart();
  }

  /** Once for each problem: it is found anew at every look. */
  #tell(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#log.warn({ problem }, 'certificate files changed and cannot be used; those from before stay');
  }
}

function readAll(named: Named): readonly Certificate[] {
  const read = named.map((one) => ({
    chain: readFileSync(one.certificate, 'utf8'),
    key: readFileSync(one.key, 'utf8'),
  }));
  // Throws for what TLS could not use.
  if (read.length > 0) void new TlsContexts({ certificates: read });
  return read;
}

function stampOf(named: Named): string {
  return named
    .flatMap((one) => [one.certificate, one.key])
    .map((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined ? '-' : `${found.ino} ${found.mtimeMs} ${found.size}`;
    })
    .join('\n');
}
