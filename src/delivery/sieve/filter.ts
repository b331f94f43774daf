/**
 * Filters of a mailbox: runs its scripts over a message that has arrived, and makes what they decided come true.
 *
 * A mail is never lost to a script: one that fails, or decides what cannot be done, keeps the mail, and its owner is told. Nothing happens twice when a delivery is
 * tried again (filter-operation.ts); what is sent leaves in the transaction that settles the entry in the queue.
 */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { Refusal, type Reason } from '../../base/refusal.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import type { Letter } from '../../proto/sieve/letter.ts';
import { defaultLimits } from '../../proto/sieve/limits.ts';
import { type Problem, problemText, ScriptError } from '../../proto/sieve/problem.ts';
import type { SieveEnvelope } from '../../proto/sieve/surroundings.ts';
import type { Outcome } from '../../queue/attempt.ts';
import type { ScriptLibrary } from '../../sieve/library.ts';
import type { Trouble, Verdict } from '../../sieve/run-scripts.ts';
import type { ScriptRunner } from '../../sieve/runner.ts';
import type { RunnableScript } from '../../sieve/script.ts';
import type { Store } from '../../store/store.ts';
import { asBuffer } from '../smtp/text.ts';
import { answerQuestion } from './answers.ts';
import { aroundOf, type Place } from './around.ts';
import type { Arrival } from './arrival.ts';
import { filterOperation, type FilterResult } from './filter-operation.ts';
import { Editions } from './placements.ts';
import { type Ending, noticeOf, Plan } from './plan.ts';
import { Planner, signature } from './planner.ts';
import { troubleNote } from './trouble-note.ts';

export interface FilterParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly directory: Pick<Directory, 'resolve' | 'orgOf' | 'maySendAs'>;
  readonly mailboxes: Pick<Mailboxes, 'list' | 'access'>;
  readonly library: ScriptLibrary;
  readonly runner: ScriptRunner;
  readonly hostname: string;
}

/** How much of a large message is read for its header. */
const headBytes = 64 * 1024;
const daySeconds = 86_400;

export class Filter {
  readonly #parts: FilterParts;

  constructor(parts: FilterParts) {
    this.#parts = parts;
  }

  async deliver(arrival: Arrival, scripts: readonly RunnableScript[]): Promise<Outcome> {
    const verdict = await this.#decide(arrival, scripts);
    const plan = await this.#planned(arrival, verdict);
    const result = await this.#write(plan, arrival);
    return outcomeOf(result);
  }

  async #decide(arrival: Arrival, scripts: readonly RunnableScript[]): Promise<Verdict> {
    const { store } = this.#parts;
    const { body, email } = arrival;
    const head = asBuffer(body.is === 'inline' ? body.bytes : await store.bodies.read(body, 0, headBytes));
    return this.#parts.runner.run({
      of: arrival.account,
      scripts,
      message: { head, sizeBytes: email.sizeBytes },
      around: aroundOf({
        envelope: envelopeOf(arrival.attempt.message, arrival.recipient),
        domain: arrival.domain,
        hostname: this.#parts.hostname,
        nowMs: arrival.nowMs,
        ownAddress: signature(arrival.displayName, arrival.recipient.address),
        opinion: opinionOf(arrival),
      }),
      limits: defaultLimits,
      answer: (question) => answerQuestion(this.#parts, arrival, question),
    });
  }

  async #planned(arrival: Arrival, verdict: Verdict): Promise<Plan> {
    const { clock, store, directory, mailboxes, hostname } = this.#parts;
    const parts = { clock, bodies: store.bodies, directory, mailboxes, hostname };
    try {
      const plan = await new Planner(parts, arrival, verdict).plan();
      for (const trouble of verdict.troubles) this.#note(plan, arrival, { trouble, letter: verdict.letter });
      return plan;
    } catch (error) {
      const problem = problemOf(error);
      const last = verdict.taken.at(-1)?.script;
      if (problem === undefined || last === undefined) throw error;
      return this.#keepOnly(arrival, verdict, { problem, script: last });
    }
  }

  /** What was decided cannot be done: the mail as it came, into its place. */
  async #keepOnly(arrival: Arrival, { letter }: Verdict, trouble: Trouble): Promise<Plan> {
    const plan = new Plan(arrival);
    plan.copy(arrival.mailbox, await new Editions(this.#parts.store.bodies, arrival).of(letter), []);
    this.#note(plan, arrival, { trouble, letter });
    return plan;
  }

  #note(plan: Plan, arrival: Arrival, about: { readonly trouble: Trouble; readonly letter: Letter }): void {
    const { problem, script } = about.trouble;
    this.#parts.log.info(
      { account: arrival.account, script: script.name, problem: problem.code },
      'a script failed',
    );
    plan.tell({ script, line: problem.at.line }, 'failed', problemText(problem, 'en'));
    // Administrators hear of theirs by the log; the person could do nothing about it.
    if (!script.owner.startsWith('account:')) return;
    const { handle, placement } = troubleNote(this.#parts, arrival, about);
    const claim = plan.claim(arrival.name, handle, daySeconds);
    plan.add(placement, { claim });
  }

  /** A mailbox that cannot be had is no reason to lose mail: then it all goes into INBOX. */
  async #write(plan: Plan, { account }: Arrival): Promise<FilterResult> {
    const { store, log } = this.#parts;
    try {
      return await store.write(filterOperation, plan.args('asPlanned'));
    } catch (error) {
      if (!(error instanceof Refusal) || !noMailbox.has(error.reason)) throw error;
      log.info({ account, reason: error.reason }, 'a mailbox that a script names cannot be used');
      return store.write(filterOperation, plan.args('inInbox'));
    }
  }
}

const noMailbox: ReadonlySet<Reason> = new Set([
  'mailboxNotFound',
  'mailboxNameInvalid',
  'limitReached',
  'mailboxExists',
  'invalid',
]);

function problemOf(error: unknown): Problem | undefined {
  if (error instanceof ScriptError) return error.problem;
  if (error instanceof Refusal && error.reason === 'mailboxNameInvalid')
    return { is: 'error', at: { line: 0, column: 0 }, code: 'mailboxInvalid', with: [error.message] };
  return undefined;
}

function outcomeOf({ sends, outcome }: FilterResult): Outcome {
  const notices = sends.map(noticeOf);
  const more = notices.length === 0 ? {} : { sends: notices };
  if (outcome === '') return { is: 'delivered', notice: 'final', ...more };
  const { redirects, kept, refusal } = JSON.parse(outcome) as Ending;
  if (refusal !== undefined) {
    const answer = { phase: 'dot' as const, host: '', ip: '', reply: `550 5.7.1 ${refusal}` };
    return { is: 'failed', why: 'refused', answer, ...more };
  }
  // What was thrown away or refused in another way is not told as delivered.
  if (redirects.length === 0) return { is: 'delivered', notice: 'passedOn', ...more };
  return { is: 'redirected', to: redirects, why: 'rule', ...(kept && { kept: true as const }), ...more };
}

function opinionOf({ attempt, org }: Arrival): Required<Place>['opinion'] {
  const { spam, virus } = attempt.message;
  const percent = spam?.find(([whose]) => whose === org)?.[1];
  return {
    ...(percent !== undefined && { spamScore: percent / 100 }),
    ...(virus !== undefined && { virus }),
  };
}

function envelopeOf(
  { sender, ret, envid, deliverBy }: Arrival['attempt']['message'],
  { address, notify, orcpt }: Arrival['recipient'],
): SieveEnvelope {
  return {
    from: sender,
    to: address,
    dsn: {
      ...(notify.length === 0 ? {} : { notify: notify.join(',').toUpperCase() }),
      ...(orcpt === '' ? {} : { orcpt }),
      ...(ret === '' ? {} : { ret: ret.toUpperCase() }),
      ...(envid === '' ? {} : { envid }),
    },
    ...(deliverBy && { deliverBy }),
  };
}
