/**
 * Teaches the classifier what owners of mailboxes say about their mail: soon after the hint, and what a crash cut short, at the next start.
 *
 * The mail is read here, on a thread that serves nobody; the move that said it has long been answered. Every vote may be learned twice, also by several nodes at once: that
 * changes nothing (policy/lessons.ts).
 */
import { sleep, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import { Directory } from '../directory/directory.ts';
import { closeVotes, type JunkVote, junkVoteTopic, type OpenVote, openVotes } from '../mailbox/junk-votes.ts';
import { type Label, learnedMaxBytes, teach } from '../policy/lessons.ts';
import type { Store } from '../store/store.ts';

/** Several moves mostly come together: they are learned together. */
const gatherMs = 500;
const lookEveryMs = 10 * 60_000;
const afterFailureMs = 10_000;
const votesAtOnce = 20;

const labels: Readonly<Record<JunkVote, Label | 'nothing'>> = {
  junk: 'spam',
  wanted: 'ham',
  nothing: 'nothing',
};

export interface JunkLearnerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export class JunkLearner implements AsyncDisposable {
  readonly #parts: JunkLearnerParts;
  readonly #directory: Directory;
  readonly #stop = new AbortController();
  readonly #hints: Disposable;
  readonly #learned: Counter<'label'>;
  readonly #done: Promise<void>;
  #wake = new AbortController();
  #asked = true;

  constructor(parts: JunkLearnerParts) {
    this.#parts = parts;
    this.#directory = new Directory(parts);
    this.#learned = parts.metrics.counter(
      'hikyaku_classifier_lessons_total',
      'Mails that owners called junk or wanted.',
      ['label'],
    );
    this.#hints = parts.store.onHint(junkVoteTopic, () => {
      this.#asked = true;
      this.#wake.abort();
    });
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      let waitMs = lookEveryMs;
      try {
        this.#asked = false;
        while (await this.#round());
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#parts.log.warn({ error }, 'what was said about mail waits to be learned');
        waitMs = afterFailureMs;
      }
      this.#wake = new AbortController();
      if (this.#asked && waitMs !== afterFailureMs) this.#wake.abort();
      await this.#sleep(waitMs, this.#wake.signal);
      await this.#sleep(gatherMs);
    }
  }

  async #sleep(ms: number, wake?: AbortSignal): Promise<void> {
    const { signal } = this.#stop;
    await sleep(this.#parts.clock, ms, wake ? AbortSignal.any([signal, wake]) : signal).catch(() => {});
  }

  /** Gives whether there may be more. */
  async #round(): Promise<boolean> {
    const { store } = this.#parts;
    const open = await store.scan(openVotes, votesAtOnce);
    for (const vote of open) {
      this.#stop.signal.throwIfAborted();
      await this.#learn(vote);
    }
    if (open.length > 0)
      await store.write(
        closeVotes,
        open.map(({ account, email, version }) => ({ account, email, version })),
      );
    return open.length === votesAtOnce;
  }

  /** A mail that is gone, or whose account is, teaches nothing any more. */
  async #learn({ account, email, says, body }: OpenVote): Promise<void> {
    const { store, clock, log } = this.#parts;
    const org = (await this.#directory.account(account))?.org;
    const label = labels[says];
    if (org === undefined || (body === undefined && label !== 'nothing')) return;
    const message = body === undefined ? Buffer.alloc(0) : await this.#beginning(body);
    if (message === undefined)
      return log.warn({ account, email }, 'a mail could not be read, and is not learned');
    await teach(store, { account, org, email, label, atMs: clock.nowMs(), message });
    this.#learned.add(1, { label });
  }

  async #beginning(body: NonNullable<OpenVote['body']>): Promise<Buffer | undefined> {
    try {
      const bytes = await this.#parts.store.bodies.read(body, 0, learnedMaxBytes);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    } catch {
      // A body that is missing is `check`'s to tell of, and no reason to stop learning.
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hints[Symbol.dispose]();
    this.#stop.abort();
    await this.#done;
    this.#directory[Symbol.dispose]();
  }
}
