/** Endpoints as their owners handle them. Refusals: `notFound`, `invalid`, `limitReached`. */
import type { Clock } from '../base/clock.ts';
import { newCredentialId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { WebAnswer, WebPoster } from '../net/web-post.ts';
import type { Store } from '../store/store.ts';
import { checkedSettings, type Endpoint, type EndpointSettings, type Secret } from './endpoint.ts';
import {
  addEndpoint,
  dropEndpoint,
  editEndpoint,
  endpointNamed,
  endpointOf,
  endpointsOf,
} from './rows/endpoints.ts';
import {
  attemptsOf,
  deadOf,
  positionBefore,
  reviveDead,
  tellAgain,
  type AttemptRow,
  type DeadRow,
} from './rows/settle.ts';
import type { SecretBox } from './secret-box.ts';
import { answerText } from './send/round.ts';
import { isSecret, newWebhookSecret, signatureHeaders } from './signature.ts';

/** Dead events told again in one transaction. */
const reviveMax = 500;
/** Old secrets that still sign. */
const oldSecretsMax = 3;
const testTimeoutMs = 20_000;
const answerMaxBytes = 8 * 1024;

export interface WebhookDeskParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly box: SecretBox;
  readonly poster: Pick<WebPoster, 'post'>;
  /** `http://` may be used too. */
  readonly plainHttp: boolean;
}

export interface MadeEndpoint {
  readonly endpoint: Endpoint;
  readonly secret: string;
}

export type { AttemptRow, DeadRow };

export class WebhookDesk {
  readonly #parts: WebhookDeskParts;

  constructor(parts: WebhookDeskParts) {
    this.#parts = parts;
  }

  async list(org: string): Promise<readonly Endpoint[]> {
    return (await this.#parts.store.read(() => endpointsOf(org))).map(endpointOf);
  }

  async get(org: string, id: string): Promise<Endpoint> {
    return endpointOf(await this.#row(org, id));
  }

  async #row(org: string, id: string) {
    const found = await this.#parts.store.read(() => endpointNamed(org, id));
    if (!found) throw new Refusal('notFound', 'no such endpoint');
    return found;
  }

  /** `secret` absent: one is made. */
  async add(
    org: string,
    given: EndpointSettings,
    { by, secret }: { by: string; secret?: string },
  ): Promise<MadeEndpoint> {
    const { store, clock, box, plainHttp } = this.#parts;
    const settings = checkedSettings(given, plainHttp);
    const id = newCredentialId(clock);
    const own = secret ?? newWebhookSecret();
    if (!isSecret(own))
      throw new Refusal('invalid', 'must be whsec_ and 24 to 64 bytes in base64', { at: 'secret' });
    const secrets = box.put(JSON.stringify([{ secret: own, untilMs: 0 }] satisfies Secret[]), id);
    await store.write(addEndpoint, {
      id,
      org,
      settings: JSON.stringify(settings),
      secrets,
      atMs: clock.nowMs(),
      by,
    });
    return { endpoint: await this.get(org, id), secret: own };
  }

  async edit(org: string, id: string, edit: Partial<EndpointSettings>): Promise<Endpoint> {
    const { store, plainHttp } = this.#parts;
    const settings = checkedSettings({ ...(await this.get(org, id)).settings, ...edit }, plainHttp);
    await store.write(editEndpoint, { org, id, settings: JSON.stringify(settings) });
    return this.get(org, id);
  }

  /** The new secret signs at once; the old one still signs too for `overlapMs`. */
  async rotate(org: string, id: string, overlapMs: number): Promise<string> {
    const { store, clock, box } = this.#parts;
    const row = await this.#row(org, id);
    const nowMs = clock.nowMs();
    const before = JSON.parse(box.take(row.secrets, id)) as readonly Secret[];
    const old = before
      .map((one) => ({ ...one, untilMs: one.untilMs === 0 ? nowMs + overlapMs : one.untilMs }))
      .filter((one) => one.untilMs > nowMs)
      .slice(0, oldSecretsMax);
    const secret = newWebhookSecret();
    const secrets = box.put(JSON.stringify([{ secret, untilMs: 0 }, ...old]), id);
    await store.write(editEndpoint, { org, id, secrets });
    return secret;
  }

  pause(org: string, id: string): Promise<void> {
    return this.#parts.store.write(editEndpoint, { org, id, state: 'paused' });
  }

  resume(org: string, id: string): Promise<void> {
    return this.#parts.store.write(editEndpoint, { org, id, state: 'active' });
  }

  drop(org: string, id: string): Promise<void> {
    return this.#parts.store.write(dropEndpoint, { org, id });
  }

  /** Tells all again from this time on. */
  async replayFrom(org: string, id: string, fromMs: number): Promise<void> {
    const { store } = this.#parts;
    const position = await store.read(() => positionBefore(fromMs));
    await store.write(editEndpoint, { org, id, position });
  }

  /** Tells single events again, by their numbers in the ledger. Gives how many there are. */
  async replayEvents(org: string, id: string, seqs: readonly number[]): Promise<number> {
    const { store, clock } = this.#parts;
    await this.#row(org, id);
    const count = await store.write(tellAgain, { endpoint: id, org, seqs, nowMs: clock.nowMs() });
    return count;
  }

  async dead(org: string, id: string, after: number, max: number): Promise<readonly DeadRow[]> {
    await this.#row(org, id);
    return this.#parts.store.read(() => deadOf(id, after, max));
  }

  /** Tries dead events again; `seqs` empty: all. Gives how many. */
  async revive(org: string, id: string, seqs: readonly number[]): Promise<number> {
    const { store, clock } = this.#parts;
    await this.#row(org, id);
    let total = 0;
    for (let count = reviveMax; count === reviveMax; total += count)
      count = await store.write(reviveDead, { endpoint: id, seqs, nowMs: clock.nowMs(), max: reviveMax });
    return total;
  }

  /** Deliveries, newest first. */
  async attempts(org: string, id: string, beforeMs: number, max: number): Promise<readonly AttemptRow[]> {
    await this.#row(org, id);
    return this.#parts.store.read(() => attemptsOf(id, beforeMs, max));
  }

  /** Sends a `webhook.test` event now, outside of the order, and gives the answer. */
  async test(org: string, id: string): Promise<{ status: number; ms: number; answer: string }> {
    const { clock, box, poster } = this.#parts;
    const row = await this.#row(org, id);
    const nowMs = clock.nowMs();
    const body = JSON.stringify({
      type: 'webhook.test',
      timestamp: new Date(nowMs).toISOString(),
      data: { endpoint: id },
    });
    const secrets = (JSON.parse(box.take(row.secrets, id)) as readonly Secret[]).map(({ secret }) => secret);
    const signed = { id: `test_${id}_${nowMs.toString(36)}`, timestamp: Math.floor(nowMs / 1000), body };
    const answer: WebAnswer = await poster.post({
      url: new URL(endpointOf(row).settings.url),
      headers: { 'content-type': 'application/json; charset=utf-8', ...signatureHeaders(signed, secrets) },
      body,
      timeoutMs: testTimeoutMs,
      answerMaxBytes,
    });
    const status = answer.is === 'answer' ? answer.status : 0;
    return { status, ms: clock.nowMs() - nowMs, answer: answerText(answer) };
  }
}
