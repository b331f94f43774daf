/**
 * Sends webhooks: takes the endpoints that nobody has (each has one sender, by a lease), runs a runner for each, and hands them over when it stops. Whoever is
 * behind does not hold up others. Memory is that of the pages of the ledger that are shared, and of a round for each endpoint.
 */
import { sleep, type Clock } from '../base/clock.ts';
import { newSecret } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Gauge, Histogram, Metrics } from '../base/metrics.ts';
import type { WebAnswer, WebPoster } from '../net/web-post.ts';
import type { Store } from '../store/store.ts';
import type { Endpoint, Secret } from './endpoint.ts';
import type { Body } from './payload.ts';
import {
  claimEndpoints,
  endpointOf,
  endpointTopic,
  leaseMs,
  releaseEndpoints,
  type EndpointRow,
} from './rows/endpoints.ts';
import { pruneAttempts } from './rows/settle.ts';
import type { SecretBox } from './secret-box.ts';
import { LedgerPages } from './send/ledger-pages.ts';
import { Runner, type RunnerParts } from './send/runner.ts';
import { signatureHeaders } from './signature.ts';

const idleMs = 300;
const waitMaxMs = 30_000;
const afterFailureMs = 2000;
const timeoutMs = 20_000;
const answerMaxBytes = 8 * 1024;
const historyMs = 14 * 86_400_000;
const pruneEveryMs = 3_600_000;
const secondMs = 1000;

export interface WebhooksParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly poster: Pick<WebPoster, 'post'>;
  readonly box: SecretBox;
  /** Tells the owners of an endpoint that it is paused. */
  readonly notify: (endpoint: Endpoint, reason: 'failing' | 'gone', answer: string) => Promise<void>;
}

interface Running {
  readonly stop: AbortController;
  readonly epoch: number;
  readonly done: Promise<void>;
}

export class Webhooks implements AsyncDisposable {
  readonly #parts: WebhooksParts;
  readonly #owner = newSecret(9);
  readonly #stop = new AbortController();
  readonly #pages: LedgerPages;
  readonly #running = new Map<string, Running>();
  readonly #told: Counter<'result'>;
  readonly #duration: Histogram<'result'>;
  readonly #failing: Gauge;
  readonly #hints: Disposable;
  readonly #done: Promise<void>;
  #look: AbortController = new AbortController();
  #prunedAtMs = 0;

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
    this.#pages = new LedgerPages(parts.store, parts.clock);
    const { metrics } = parts;
    this.#told = metrics.counter('hikyaku_webhook_events_total', 'Events told to endpoints', ['result']);
    this.#duration = metrics.histogram(
      'hikyaku_webhook_request_seconds',
      'How long endpoints took to answer',
      [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
      ['result'],
    );
    this.#failing = metrics.gauge('hikyaku_webhook_endpoints_failing', 'Endpoints that take nothing now');
    this.#hints = parts.store.onHint(endpointTopic, () => this.#look.abort());
    this.#done = this.#run();
  }

  /** Takes endpoints, keeps their leases, and ends what is another's. */
  async #run(): Promise<void> {
    const { store, clock, log } = this.#parts;
    while (!this.#stop.signal.aborted) {
      this.#look = new AbortController();
      try {
        const mine = await store.write(claimEndpoints, { owner: this.#owner });
        await this.#adjust(mine);
        await this.#prune();
      } catch (error) {
        log.warn({ error }, 'webhooks wait: the store did not answer');
      }
      const until = AbortSignal.any([this.#stop.signal, this.#look.signal]);
      await sleep(clock, leaseMs / 3, until).catch(() => {});
    }
  }

  async #adjust(mine: readonly EndpointRow[]): Promise<void> {
    const known = new Map(mine.map((row) => [row.id, row]));
    for (const [id, running] of this.#running) {
      if (known.get(id)?.epoch === running.epoch) continue;
      running.stop.abort();
      await running.done;
    }
    for (const row of mine) if (!this.#running.has(row.id)) this.#begin(row);
    this.#failing.set(mine.filter((row) => row.failing_since > 0).length);
  }

  #begin(row: EndpointRow): void {
    const stop = new AbortController();
    const stopping = AbortSignal.any([stop.signal, this.#stop.signal]);
    const done = this.#serve(row, stopping).finally(() => this.#running.delete(row.id));
    this.#running.set(row.id, { stop, epoch: row.epoch, done });
  }

  async #serve(row: EndpointRow, stopping: AbortSignal): Promise<void> {
    const { store, clock, log } = this.#parts;
    const parts = this.#tryParts(row, stopping);
    if (!parts) return;
    const runner = new Runner(parts, endpointOf(row), row.epoch);
    while (!stopping.aborted) {
      let waitMs = afterFailureMs;
      try {
        const went = await runner.step();
        if (went.is === 'over') return;
        if (went.is === 'more') continue;
        waitMs = Math.min(waitMaxMs, Math.max(idleMs, went.untilMs - clock.nowMs()));
      } catch (error) {
        if (!stopping.aborted)
          log.warn({ error, endpoint: row.id }, `webhooks of an endpoint wait (${store.engine})`);
      }
      await sleep(clock, waitMs, stopping).catch(() => {});
    }
  }

  /** Undefined when its secrets cannot be read: nothing is sent unsigned. */
  #tryParts(row: EndpointRow, stopping: AbortSignal): RunnerParts | undefined {
    try {
      return this.#runnerParts(row, stopping);
    } catch (error) {
      this.#parts.log.error({ error, endpoint: row.id }, 'webhooks of an endpoint cannot be signed');
      return undefined;
    }
  }

  #runnerParts(row: EndpointRow, stopping: AbortSignal): RunnerParts {
    const { store, clock, log, box, notify } = this.#parts;
    const secrets = JSON.parse(box.take(row.secrets, row.id)) as readonly Secret[];
    return {
      store,
      clock,
      pages: this.#pages,
      stopping,
      post: (endpoint, body) => this.#post(endpoint, body, secrets),
      counted: (taken, refused) => {
        if (taken > 0) this.#told.add(taken, { result: 'taken' });
        if (refused > 0) this.#told.add(refused, { result: 'refused' });
      },
      paused: (endpoint, reason, answer) => {
        log.warn(
          { endpoint: endpoint.id, org: endpoint.org, reason, answer },
          'an endpoint of webhooks is paused',
        );
        notify(endpoint, reason, answer).catch((error: unknown) =>
          log.warn({ error, endpoint: endpoint.id }, 'nobody could be told that an endpoint is paused'),
        );
      },
    };
  }

  async #post(endpoint: Endpoint, { id, text }: Body, secrets: readonly Secret[]): Promise<WebAnswer> {
    const { clock, poster } = this.#parts;
    const nowMs = clock.nowMs();
    const valid = secrets
      .filter(({ untilMs }) => untilMs === 0 || untilMs > nowMs)
      .map(({ secret }) => secret);
    const signed = { id, timestamp: Math.floor(nowMs / secondMs), body: text };
    const startMs = clock.monotonicMs();
    const answer = await poster.post({
      url: new URL(endpoint.settings.url),
      headers: { 'content-type': 'application/json; charset=utf-8', ...signatureHeaders(signed, valid) },
      body: text,
      timeoutMs,
      answerMaxBytes,
    });
    const result =
      answer.is === 'answer' && answer.status >= 200 && answer.status < 300 ? 'taken' : 'refused';
    this.#duration.observe((clock.monotonicMs() - startMs) / secondMs, { result });
    return answer;
  }

  async #prune(): Promise<void> {
    const { store, clock } = this.#parts;
    if (clock.monotonicMs() - this.#prunedAtMs < pruneEveryMs && this.#prunedAtMs > 0) return;
    this.#prunedAtMs = clock.monotonicMs();
    while (await store.write(pruneAttempts, { before: clock.nowMs() - historyMs }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#hints[Symbol.dispose]();
    await this.#done;
    await Promise.all([...this.#running.values()].map(({ done }) => done));
    await this.#parts.store.write(releaseEndpoints, { owner: this.#owner }).catch(() => {});
  }
}
