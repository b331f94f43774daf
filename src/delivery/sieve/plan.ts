/** What is to come of a message: gathered action by action, then written as one (filter-operation.ts). */
import type { FilterAction, MailEvent } from '../../events/event.ts';
import type { Placement } from '../../mailbox/place.ts';
import type { FlagList } from '../../proto/sieve/action.ts';
import type { RedirectTarget } from '../../queue/attempt.ts';
import type { Notice } from '../../queue/notice.ts';
import type { RunnableScript } from '../../sieve/script.ts';
import type { RuleHit } from '../../sieve/memory.ts';
import type { StoredBody } from '../../store/body.ts';
import type { Arrival } from './arrival.ts';
import type { FilterArgs } from './filter-operation.ts';
import { flagsOf, type Stored } from './placements.ts';

/** What the queue is told. */
export interface Ending {
  /** Recipients in place of this one. */
  readonly redirects: readonly RedirectTarget[];
  readonly kept: boolean;
  /** `ereject`: the reason that goes back to the sender. */
  readonly refusal?: string;
}

/** Where in whose script. */
export interface Source {
  readonly script: RunnableScript;
  readonly line: number;
  /** Its name, if it has one. */
  readonly rule?: string;
}

/** Only when a reply is granted (or, with false, when it is not). */
interface Condition {
  readonly claim: number;
  readonly granted?: boolean;
}

export class Plan {
  readonly redirects: RedirectTarget[] = [];
  refusal: string | undefined;
  readonly #arrival: Arrival;
  /** The message itself. */
  readonly #copies: Placement[] = [];
  /** Copies of what is sent, and notes. */
  readonly #others: FilterArgs['placements'][number][] = [];
  readonly #claims: FilterArgs['claims'][number][] = [];
  readonly #events: FilterArgs['events'][number][] = [];
  readonly #sends: FilterArgs['sends'][number][] = [];
  readonly #hits = new Map<string, RuleHit>();
  #tracked: FilterArgs['tracked'] = [];

  constructor(arrival: Arrival) {
    this.#arrival = arrival;
  }

  /** The message into a mailbox. */
  copy(mailbox: Placement['mailbox'], stored: Stored, flags: FlagList): void {
    const { key } = this.#arrival;
    const own = this.#copies.length === 0 ? key : `${key} ${this.#copies.length + 1}`;
    this.#copies.push(this.#placement(mailbox, { stored, flags, key: own, told: true }));
  }

  /** A copy of something that is sent. */
  sentCopy(
    mailbox: Placement['mailbox'],
    stored: Stored,
    { flags, when }: { flags: FlagList; when?: Condition },
  ): void {
    const key = `${this.#arrival.key} sent ${this.#others.length}`;
    this.#others.push({
      placement: this.#placement(mailbox, { stored, flags, key, told: false }),
      ...when,
    });
  }

  add(placement: Placement, when: Condition): void {
    this.#others.push({ placement, ...when });
  }

  /** A reply that is sent once in its time. Gives the number of the claim. */
  claim(to: string, handle: string, seconds: number): number {
    this.#claims.push({ to, handle, seconds });
    return this.#claims.length - 1;
  }

  send(notice: Notice, when?: Condition): void {
    const { body } = notice.submission;
    const file = body.is === 'file' && { bodyFile: body.name };
    this.#sends.push({ text: noticeText(notice), ...file, ...when });
  }

  tell(source: Source, action: FilterAction, detail: string, when?: Condition): void {
    const { attempt, recipient, account, org, nowMs } = this.#arrival;
    const { script, line, rule = '' } = source;
    const event: MailEvent = {
      is: 'filtered',
      atMs: nowMs,
      message: attempt.message.id,
      org,
      recipient: recipient.address,
      data: {
        account,
        by: script.owner.split(':', 1)[0]!,
        script: script.name,
        rule: rule,
        line,
        action,
        detail: detail.slice(0, detailMaxChars),
      },
    };
    this.#events.push({ event, ...when });
  }

  hit({ script, line }: Source): void {
    if (line > 0)
      this.#hits.set(`${script.owner} ${script.name} ${line}`, {
        owner: script.owner,
        script: script.name,
        line,
      });
  }

  /** What `duplicate` is to know from now on. */
  track(tracked: FilterArgs['tracked']): void {
    this.#tracked = tracked;
  }

  /** `inInbox`: a mailbox cannot be had, so the message goes into INBOX, once, and all else that was to be filed with it. */
  args(where: 'asPlanned' | 'inInbox'): FilterArgs {
    const { account, key, nowMs, recipient } = this.#arrival;
    const { redirects, refusal } = this;
    const kept = this.#copies.length > 0;
    const ending: Ending = {
      redirects,
      kept,
      ...(refusal === undefined ? {} : { refusal }),
    };
    const plain = redirects.length === 0 && refusal === undefined && kept;
    return {
      account,
      key,
      entry: recipient.id,
      nowMs,
      placements:
        where === 'asPlanned'
          ? this.#placements(this.#copies)
          : this.#placements(this.#copies.slice(0, 1)).map(inInbox),
      claims: this.#claims,
      tracked: this.#tracked,
      hits: [...this.#hits.values()],
      events: this.#events,
      sends: this.#sends,
      outcome: plain ? '' : JSON.stringify(ending),
    };
  }

  #placements(copies: readonly Placement[]): FilterArgs['placements'] {
    return [...copies.map((placement) => ({ placement })), ...this.#others];
  }

  #placement(
    mailbox: Placement['mailbox'],
    { stored, flags, key, told }: { stored: Stored; flags: FlagList; key: string; told: boolean },
  ): Placement {
    const { account, attempt, org, recipient, quotaBytes, nowMs, elapsedMs } = this.#arrival;
    const data = { account, mailbox: '', uid: 0, ms: Math.round(elapsedMs()) };
    return {
      account,
      mailbox,
      ...(quotaBytes === undefined ? {} : { quotaBytes }),
      key,
      ...flagsOf(flags),
      receivedAtMs: nowMs,
      body: stored.body,
      email: stored.email,
      events: told
        ? [
            {
              is: 'stored',
              atMs: nowMs,
              message: attempt.message.id,
              org,
              recipient: recipient.address,
              data,
            },
          ]
        : [],
    };
  }
}

const inInbox = (each: FilterArgs['placements'][number]): FilterArgs['placements'][number] => ({
  ...each,
  placement: { ...each.placement, mailbox: { role: 'inbox' }, keywords: [] },
});

const detailMaxChars = 300;

/** As it is kept with the decision: bytes in base 64. */
function noticeText({ submission, events }: Notice): string {
  const { body } = submission;
  const kept =
    body.is === 'file' ? body : { is: 'inline', base64: Buffer.from(body.bytes).toString('base64') };
  return JSON.stringify({ submission: { ...submission, body: kept }, events });
}

export function noticeOf(text: string): Notice {
  const { submission, events } = JSON.parse(text) as Notice;
  const body = submission.body as StoredBody | { readonly is: 'inline'; readonly base64: string };
  const bytes =
    'base64' in body ? { is: 'inline' as const, bytes: Buffer.from(body.base64, 'base64') } : body;
  return { submission: { ...submission, body: bytes }, events };
}
