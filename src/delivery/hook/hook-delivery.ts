/**
 * Mail that goes to a program over HTTP: one signed request for each recipient (Standard Webhooks), whose id is that of the entry in the queue, so that a program can tell a
 * request that comes again. A 2xx is delivery. Everything else is tried again, as the queue has it, for 72 hours; 410 says that the program wants no more.
 */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { routeOfDestination } from '../../directory/inbound.ts';
import type { Directory } from '../../directory/directory.ts';
import type { InboundRoute } from '../../directory/entities.ts';
import type { EventData } from '../../events/event.ts';
import type { Answer, Attempt, AttemptRecipient, AttemptResult, Outcome } from '../../queue/attempt.ts';
import type { Bodies } from '../../store/body.ts';
import { hookPayload } from './payload.ts';

/** What comes of a request; `status` 0: none came. `code`: why. */
export interface HookAnswer {
  readonly status: number;
  readonly code: string;
  readonly ip: string;
}

export interface HookRequest {
  readonly url: string;
  /** Each signs. */
  readonly secrets: readonly string[];
  readonly id: string;
  readonly body: string;
}

/** Signs it and posts it, where it may go. Never rejects. */
export type PostHook = (request: HookRequest) => Promise<HookAnswer>;

export interface HookParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly bodies: Pick<Bodies, 'read'>;
  readonly directory: Pick<Directory, 'inboundRoute'>;
  readonly post: PostHook;
}

const triedForMs = 72 * 3_600_000;
const gone = 410;

function secretsOf({ secret, previous }: InboundRoute, nowMs: number): string[] {
  return previous !== undefined && previous.untilMs > nowMs ? [secret, previous.secret] : [secret];
}

export class HookDelivery {
  readonly #parts: HookParts;

  constructor(parts: HookParts) {
    this.#parts = parts;
  }

  async deliver(attempt: Attempt): Promise<AttemptResult> {
    const { bodies } = this.#parts;
    const stored = await attempt.body();
    const bytes = Buffer.from(await bodies.read(stored));
    const results = await Promise.all(attempt.recipients.map((to) => this.#one(attempt, to, bytes)));
    return {
      outcomes: results.map(({ outcome }) => outcome),
      conversations: results.map(({ told }) => told).filter((told) => told !== undefined),
    };
  }

  async #one(
    { message }: Attempt,
    to: AttemptRecipient,
    bytes: Buffer,
  ): Promise<{ outcome: Outcome; told?: EventData['attempted'] }> {
    const { clock, directory, post } = this.#parts;
    const startMs = clock.nowMs();
    const route = await directory.inboundRoute(routeOfDestination(to.destination) ?? '');
    if (route === undefined) return { outcome: noRoute };
    const recipient = to.through?.addresses[0] ?? to.address;
    const body = hookPayload(bytes, { route: route.id, recipient, message, atMs: startMs, ...route.options });
    const answer = await post({ url: route.url, secrets: secretsOf(route, startMs), id: to.id, body });
    const ms = clock.nowMs() - startMs;
    const outcome = this.#outcome(answer, { route, to, ms, waitedMs: clock.nowMs() - message.acceptedAtMs });
    if (outcome.is === 'delivered' || outcome.is === 'redirected') return { outcome };
    return { outcome, told: conversation(outcome, { to, route, ms }) };
  }

  #outcome({ status, code, ip }: HookAnswer, { route, to, ms, waitedMs }: Tried): Outcome {
    const host = new URL(route.url).hostname;
    const said = status === 0 ? code : `HTTP ${status}`;
    if (status >= 200 && status < 300) {
      const event = { host, ip, reply: `250 2.0.0 ${said}`, ms, tls: null, try: to.try };
      return { is: 'delivered', notice: 'final', event, org: route.org };
    }
    const answer = (reply: string): Answer => ({ phase: status === 0 ? 'connect' : 'dot', host, ip, reply });
    if (status === gone)
      return {
        is: 'failed',
        why: 'refused',
        answer: answer(`550 5.2.1 ${said}: the program wants no more`),
        org: route.org,
      };
    if (waitedMs > triedForMs)
      return {
        is: 'failed',
        why: 'expired',
        answer: answer(`550 5.4.7 ${said}, for 72 hours`),
        org: route.org,
      };
    return { is: 'deferred', siteDown: status === 0, answer: answer(`451 4.3.0 ${said}`), org: route.org };
  }
}

interface Tried {
  readonly route: InboundRoute;
  readonly to: AttemptRecipient;
  readonly ms: number;
  readonly waitedMs: number;
}

const noRoute: Outcome = {
  is: 'failed',
  why: 'unroutable',
  answer: { phase: 'connect', host: '', ip: '', reply: '550 5.1.2 There is no such route to a program' },
};

function conversation(
  outcome: Exclude<Outcome, { is: 'delivered' | 'redirected' }>,
  { to, route, ms }: Omit<Tried, 'waitedMs'>,
): EventData['attempted'] {
  const { phase, host, ip, reply } = outcome.answer;
  const url = new URL(route.url);
  return {
    recipients: [to.address],
    destination: to.destination,
    dns: [],
    host,
    ip,
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    localIp: '',
    tls: null,
    reused: false,
    phase,
    reply,
    ms,
    try: to.try,
  };
}
