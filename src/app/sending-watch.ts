/**
 * Watches what accounts send, as the event ledger tells it, and pauses a login that looks like it is in other hands (policy/sending/signs.ts); its owner and the postmaster of its
 * domain are told by mail.
 *
 * One thread of each node runs it; nothing waits for it. What a profile knows it does not count again, so that a crash, or two nodes that read the same events, change nothing.
 */
import { newMessageId, type AccountId, type MessageId } from '../base/ids.ts';
import { sleep, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import type { Directory } from '../directory/directory.ts';
import { end, type LedgerEvent, ofLogins } from '../events/ledger.ts';
import type { Intake } from '../intake/intake.ts';
import { fromInside } from '../intake/session-info.ts';
import type { Mailbox } from '../proto/smtp/path.ts';
import {
  claimTelling,
  noteSending,
  setWatchedTo,
  untoldPauses,
  watchedTo,
  type SendingDeed,
  type SendingPause,
} from '../policy/sending-profiles.ts';
import type { Store } from '../store/store.ts';
import { sendingNotice } from './sending-notice.ts';

const lookEveryMs = 1000;
const afterFailureMs = 10_000;
const eventsAtOnce = 2000;
const tellAtOnce = 20;
/** Senders of messages on their way, to know whose a bounce is. */
const sendersMax = 50_000;

export interface SendingWatchParts {
  readonly store: Store;
  readonly directory: Pick<Directory, 'account'>;
  readonly intake: Pick<Intake, 'begin'>;
  readonly hostName: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface Login {
  readonly account: string;
  readonly org: string;
  readonly credential: string;
}

export class SendingWatch implements AsyncDisposable {
  readonly #parts: SendingWatchParts;
  readonly #stop = new AbortController();
  readonly #senders = new Map<string, Login>();
  readonly #paused: Counter;
  readonly #done: Promise<void>;

  constructor(parts: SendingWatchParts) {
    this.#parts = parts;
    this.#paused = parts.metrics.counter(
      'hikyaku_sending_paused_total',
      'Logins that were paused, as somebody else seemed to use them.',
    );
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#stop;
    let at: number | undefined;
    while (!signal.aborted) {
      let waitMs = lookEveryMs;
      try {
        at ??= await this.#begin();
        const next = await this.#look(at);
        if (next - at >= eventsAtOnce) waitMs = 0;
        at = next;
        await this.#tell();
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ error }, 'what accounts send was not looked at');
        waitMs = afterFailureMs;
      }
      if (waitMs > 0) await sleep(clock, waitMs, signal).catch(() => {});
    }
  }

  /** The first time: from now on. */
  async #begin(): Promise<number> {
    const { store } = this.#parts;
    return (await store.read(() => watchedTo())) ?? store.read(() => end());
  }

  async #look(from: number): Promise<number> {
    const { store, clock } = this.#parts;
    const upTo = Math.min(await store.read(() => end()), from + eventsAtOnce);
    if (upTo <= from) return from;
    const events = await store.read(() => ofLogins(from, upTo));
    for (const { login, deeds } of this.#deedsOf(events).values()) {
      const paused = await store.write(noteSending, { ...login, deeds, nowMs: clock.nowMs() });
      if (paused) this.#paused.add(1);
    }
    await store.write(setWatchedTo, upTo);
    return upTo;
  }

  #deedsOf(events: readonly LedgerEvent[]): Map<string, { login: Login; deeds: SendingDeed[] }> {
    const found = new Map<string, { login: Login; deeds: SendingDeed[] }>();
    for (const event of events) {
      const { seq, atMs, message, org } = event;
      let deed: SendingDeed;
      if (event.is === 'accepted' && event.data.login !== undefined) {
        const { peer: ip, recipients, login } = event.data;
        this.#remember(message, { ...login, org });
        deed = { is: 'sent', seq, atMs, ip, recipients };
      } else if (event.is === 'bounced') deed = { is: 'bounced', seq, atMs };
      else continue;
      const login = this.#senders.get(message);
      if (login === undefined) continue;
      const known = found.get(login.account) ?? { login, deeds: [] };
      found.set(login.account, {
        login: deed.is === 'sent' ? login : known.login,
        deeds: [...known.deeds, deed],
      });
    }
    return found;
  }

  #remember(message: string, login: Login): void {
    if (this.#senders.size >= sendersMax) {
      for (const oldest of this.#senders.keys()) {
        this.#senders.delete(oldest);
        break;
      }
    }
    this.#senders.set(message, login);
  }

  async #tell(): Promise<void> {
    const { store, log } = this.#parts;
    for (const pause of await store.read(() => untoldPauses.body(tellAtOnce))) {
      const { account, credential, why } = pause;
      if (!(await store.write(claimTelling, { account, credential }))) continue;
      log.warn({ account, credential, why }, 'sending was paused: somebody else seems to use the login');
      await this.#mail(pause).catch((error: unknown) =>
        log.warn({ account, error }, 'nobody could be told that sending was paused'),
      );
    }
  }

  async #mail(pause: SendingPause): Promise<void> {
    const { directory, intake, clock, hostName } = this.#parts;
    const account = await directory.account(pause.account as AccountId);
    if (account === undefined) return;
    const at = account.name.lastIndexOf('@');
    const owner: Mailbox = { local: account.name.slice(0, at), domain: account.name.slice(at + 1) };
    const postmaster: Mailbox = { local: 'postmaster', domain: owner.domain };
    const to = [account.name, `postmaster@${owner.domain}`];
    using mail = await intake.begin(fromInside, { sender: null, params: {} });
    await mail.recipient(owner, {});
    // Where nobody is responsible for the domain, its owner alone hears of it.
    await mail.recipient(postmaster, {}).catch(() => {});
    const messageId: MessageId = newMessageId(clock);
    await mail.write(sendingNotice({ pause, account, to, hostName, messageId, atMs: clock.nowMs() }));
    await mail.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}
