/** Looks now and then whether somebody is to be told of what is in quarantine, and writes to them. Runs in one thread; what was told is told once. */
import { sleep, type Clock } from '../base/clock.ts';
import { newMessageId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Directory } from '../directory/directory.ts';
import type { Intake } from '../intake/intake.ts';
import { fromInside } from '../intake/session-info.ts';
import { splitAddress } from '../proto/smtp/path.ts';
import type { Quarantine, Quarantined } from '../queue/quarantine.ts';
import { quarantineNotice, type QuarantineNotice } from './quarantine-notice.ts';

export interface QuarantineNoticesParts {
  readonly quarantine: Pick<Quarantine, 'untold'>;
  readonly directory: Pick<Directory, 'domainNames' | 'resolve' | 'account'>;
  readonly intake: Pick<Intake, 'begin'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly hostName: string;
  /** Of the postmaster. */
  readonly language: 'en' | 'ja';
  readonly tells: { readonly admins: boolean; readonly recipients: boolean };
  readonly afterMs: number;
}

const everyMs = 10 * 60_000;

export class QuarantineNotices implements AsyncDisposable {
  readonly #parts: QuarantineNoticesParts;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(parts: QuarantineNoticesParts) {
    this.#parts = parts;
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#stop;
    for (;;) {
      await sleep(clock, everyMs, signal).catch(() => {});
      if (signal.aborted) return;
      await this.round().catch((error: unknown) => log.warn({ error }, 'quarantine: nobody could be told'));
    }
  }

  /** One look. */
  async round(): Promise<void> {
    const { quarantine, afterMs, tells, directory } = this.#parts;
    for (const [org, kept] of await quarantine.untold(afterMs)) {
      const [domain] = org === '' ? [] : await directory.domainNames(org);
      if (domain === undefined) continue;
      if (tells.admins) await this.#tell(`postmaster@${domain}`, { for: 'admin', kept });
      if (tells.recipients) for (const [to, theirs] of byRecipient(kept)) await this.#tellOwn(to, theirs);
    }
  }

  /** Only people of ours; an alias is told by way of whom it stands for. */
  async #tellOwn(to: string, kept: readonly Quarantined[]): Promise<void> {
    const { directory } = this.#parts;
    const found = await directory.resolve(to);
    if (found.is !== 'account') return;
    const language = (await directory.account(found.account))?.language;
    await this.#tell(to, { for: 'recipient', kept, ...(language && { language }) });
  }

  async #tell(
    to: string,
    about: Pick<QuarantineNotice, 'for' | 'kept'> & { readonly language?: 'en' | 'ja' },
  ): Promise<void> {
    const { intake, clock, log, hostName, language } = this.#parts;
    const address = splitAddress(to);
    if (!address) return;
    try {
      using mail = await intake.begin(fromInside, { sender: null, params: {} });
      await mail.recipient(address, {});
      const messageId = newMessageId(clock);
      await mail.write(
        quarantineNotice({ language, ...about, to, hostName, messageId, atMs: clock.nowMs() }),
      );
      await mail.finish();
    } catch (error) {
      log.warn({ to, error }, 'quarantine: somebody could not be told');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

function byRecipient(kept: readonly Quarantined[]): Map<string, Quarantined[]> {
  const found = new Map<string, Quarantined[]>();
  for (const one of kept) for (const to of one.recipients) found.set(to, [...(found.get(to) ?? []), one]);
  return found;
}
