/** What came of an attempt at other servers: the results of its jobs put together, recipient by recipient. */
import type { Clock } from '../../base/clock.ts';
import type { EventData } from '../../events/event.ts';
import type { Answer, Attempt, AttemptRecipient, AttemptResult, Outcome } from '../../queue/attempt.ts';
import type { UnansweredPolicy } from '../options.ts';
import type { HostPlan, NoPlan } from '../route/plan.ts';
import { policiesOf, type Variant } from '../tls/demand.ts';
import { unnamed, type Said } from './job.ts';
import { isForGood } from './opening.ts';
import type { PooledJob } from './pool.ts';

export interface AssemblyParts {
  readonly clock: Clock;
  readonly resolve: (result: AttemptResult) => void;
  readonly submit: (recipients: readonly AttemptRecipient[]) => void;
  readonly variant: Variant;
  readonly unanswered: (mail: { readonly org: string; readonly destination: string }) => UnansweredPolicy;
  /** Destinations share connections, but each has a DNS and policies of its own. */
  readonly planOf: (destination: string) => HostPlan;
}

/** The results of the jobs of one attempt, put together. There is more than one when the server takes fewer recipients at once, or domains want their hosts in another order. */
export class Assembly {
  readonly #attempt: Attempt;
  readonly #parts: AssemblyParts;
  readonly #startedMs: number;
  readonly #outcomes = new Map<AttemptRecipient, Outcome>();
  readonly #conversations: EventData['attempted'][] = [];

  constructor(attempt: Attempt, parts: AssemblyParts) {
    this.#attempt = attempt;
    this.#parts = parts;
    this.#startedMs = parts.clock.monotonicMs();
  }

  begin(): void {
    this.#parts.submit(this.#attempt.recipients);
  }

  over(pooled: PooledJob): void {
    const { job } = pooled;
    const ms = Math.round(this.#parts.clock.monotonicMs() - this.#startedMs);
    const about: Circumstances = { ...this.#parts, ms };
    const again: AttemptRecipient[] = [];
    let allDelivered = true;
    for (let i = 0; i < job.recipients.length; i++) {
      const recipient = job.recipients[i]!;
      const said = job.said[i];
      if (said === unnamed || (job.accepted > 0 && said !== undefined && isTooMany(said))) {
        again.push(recipient);
        continue;
      }
      const untried = pooled.untried || (said === undefined && job.leaseLost && !job.dotSent);
      const outcome = untried ? notTried : outcomeOf(pooled, said, recipient, about);
      if (outcome.is !== 'delivered') allDelivered = false;
      this.#outcomes.set(recipient, outcome);
    }
    if (!allDelivered && !pooled.untried && !job.leaseLost)
      this.#conversations.push(conversation(pooled, about));
    if (again.length > 0) return this.#parts.submit(again);
    const { recipients } = this.#attempt;
    if (this.#outcomes.size < recipients.length) return;
    const outcomes = recipients.map((recipient) => this.#outcomes.get(recipient)!);
    const untried = outcomes.every((outcome) => outcome === notTried);
    this.#parts.resolve({
      outcomes,
      conversations: this.#conversations,
      ...(untried && { untried }),
    });
  }
}

/** Of what was given up before its dot, because we are being stopped or the lease had passed. */
const notTried: Outcome = {
  is: 'deferred',
  siteDown: false,
  answer: { phase: 'connect', host: '', ip: '', reply: '451 4.3.2 It was not sent to its end here' },
};

/** "Too many recipients" is about the transaction, not the recipient (RFC 5321, 4.5.3.1.10; 552 is how old servers say it). */
const isTooMany = (said: Said): boolean =>
  said.phase === 'rcpt' &&
  (said.code === 452 || said.code === 552) &&
  /^\d{3}[ -](?:[45]\.5\.3|.*too many recipients)/i.test(said.reply);

interface Circumstances extends Pick<AssemblyParts, 'planOf' | 'variant' | 'unanswered'> {
  readonly ms: number;
}

function outcomeOf(
  pooled: PooledJob,
  said: Said | undefined,
  recipient: AttemptRecipient,
  about: Circumstances,
): Outcome {
  const { job, carrier, unopened } = pooled;
  if (unopened) {
    const answer: Answer = {
      phase: unopened.said.phase,
      host: unopened.host,
      ip: unopened.ip,
      reply: unopened.said.reply,
    };
    if (isForGood(unopened))
      return { is: 'failed', answer, why: answer.reply.startsWith('554 5.4.6') ? 'loop' : 'policy' };
    return { is: 'deferred', answer, siteDown: about.variant === 'normal' };
  }
  const final = said !== undefined && (said.code >= 400 || said.phase === 'dot') ? said : pooled.lost;
  const { host, ip } = carrier?.place ?? { host: '', ip: '' };
  if (final === undefined) {
    const reply = job.leaseLost
      ? '451 4.3.0 Another owner has taken over'
      : '451 4.3.0 The server gave no answer';
    return { is: 'deferred', siteDown: false, answer: { phase: 'dot', host, ip, reply } };
  }
  const answer: Answer = { phase: final.phase, host, ip, reply: final.reply };
  if (final === pooled.lost && job.dotSent) {
    const { org } = job.attempt.message;
    return { is: 'unknown', answer, policy: about.unanswered({ org, destination: recipient.destination }) };
  }
  if (final.code === 0) return { is: 'deferred', answer, siteDown: false };
  if (final.code >= 500) return { is: 'failed', answer, why: 'refused' };
  if (final.code >= 300) return { is: 'deferred', answer, siteDown: false };
  return {
    is: 'delivered',
    notice: carrier!.client.can.dsn ? 'passedOn' : 'relayed',
    ...(job.keepsTime && { keepsTime: true }),
    event: {
      host,
      ip,
      reply: final.reply,
      ms: about.ms,
      tls: carrier!.client.wire.tls,
      reused: pooled.reused,
      try: recipient.try,
      ...(pooled.reused ? {} : onTheWay(pooled, recipient.destination, about)),
    },
  };
}

function conversation(pooled: PooledJob, about: Circumstances): EventData['attempted'] {
  const { job, carrier, unopened, lost } = pooled;
  const first = job.recipients[0]!;
  const said = unopened?.said ?? job.said.find((s) => s !== undefined && s.code >= 400) ?? lost;
  return {
    recipients: job.recipients.map((r) => r.address),
    destination: first.destination,
    ...onTheWay(pooled, first.destination, about),
    host: unopened?.host ?? carrier?.place.host ?? '',
    ip: unopened?.ip ?? carrier?.place.ip ?? '',
    port: unopened?.port ?? carrier?.place.port ?? 0,
    localIp: carrier?.localIp ?? '',
    tls: carrier?.client.wire.tls ?? null,
    reused: pooled.reused,
    phase: said?.phase ?? 'dot',
    reply: said?.reply ?? '',
    ms: about.ms,
    try: first.try,
  };
}

/** What was asked of DNS to get there, and the policies on encryption that were met. */
function onTheWay(
  { carrier, unopened }: PooledJob,
  destination: string,
  { planOf, variant }: Circumstances,
): Pick<EventData['attempted'], 'dns' | 'policies' | 'detour'> {
  const plan = planOf(destination);
  const sessions = unopened?.sessions ?? (carrier === undefined ? [] : [carrier]);
  // By a fallback it is the operator's word that counts, not what the destination asks for.
  const security = carrier?.plan.trusted === true ? carrier.plan.security : plan.security;
  const policies = sessions.flatMap(({ place, facts }) => policiesOf(security, variant, place, facts));
  const dns = [...plan.steps, ...(unopened?.steps ?? carrier?.steps ?? [])];
  const detour = unopened?.detour ?? carrier?.detour;
  return { dns, ...(policies.length > 0 && { policies }), ...(detour && { detour }) };
}

/** No host to go to: told at once, without a connection. */
export function unplanned(attempt: Attempt, plan: NoPlan): AttemptResult {
  const { answer, why, steps } = plan;
  const outcome: Outcome = why ? { is: 'failed', answer, why } : { is: 'deferred', answer, siteDown: true };
  const [first] = attempt.recipients;
  return {
    outcomes: attempt.recipients.map(() => outcome),
    conversations: [
      {
        recipients: attempt.recipients.map((r) => r.address),
        destination: first!.destination,
        dns: steps,
        host: '',
        ip: '',
        port: 0,
        localIp: '',
        tls: null,
        reused: false,
        phase: 'dns',
        reply: answer.reply,
        ms: steps.reduce((sum, step) => sum + step.ms, 0),
        try: first!.try,
      },
    ],
  };
}
