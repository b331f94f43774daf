/**
 * Where opinions on a message meet: what was found out about its sender, the rules of whom it is for, and what follows.
 *
 * Never asked about mail of our own users.
 */
import type { Clock } from '../base/clock.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import type { NameLookup } from '../proto/dns/lookup.ts';
import { Authenticator, type Authentication } from './authentication.ts';
import { decide } from './decide.ts';
import type { Arriving, Decision, Examination, Opinion } from './opinion.ts';
import type { AuthenticationOptions, SenderRules } from './options.ts';
import { PublicKeys } from './public-keys.ts';
import { refusalText } from './replies.ts';
import { resultFields } from './results.ts';

export interface ExaminerParts {
  readonly dns: NameLookup;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly options: AuthenticationOptions;
  /** What an organisation, or one of its domains, has set otherwise than the server. */
  readonly rulesOf: (org: string, domain: string) => Promise<Partial<SenderRules> | undefined>;
  /** Hears of every examination, also of mail that is refused for it: for reports to the domains. */
  readonly onFinding?: (found: Authentication, decision: Decision, mail: Arriving) => void;
}

export class Examiner {
  readonly #parts: ExaminerParts;
  readonly #keys: PublicKeys;
  readonly #results: Counter<'method' | 'result'>;
  readonly #decisions: Counter<'action' | 'by'>;

  constructor(parts: ExaminerParts) {
    this.#parts = parts;
    this.#keys = new PublicKeys(parts.dns);
    const { metrics } = parts;
    this.#results = metrics.counter('hikyaku_policy_results_total', 'Results of sender authentication.', [
      'method',
      'result',
    ]);
    this.#decisions = metrics.counter(
      'hikyaku_policy_decisions_total',
      'What was done with mail from outside, and for what reason.',
      ['action', 'by'],
    );
  }

  begin(mail: Arriving): Examination {
    const { dns, clock, options } = this.#parts;
    const { authservId, timeoutMs, bimi } = options;
    const authenticator = new Authenticator(
      { dns, keys: this.#keys, clock, authservId, timeoutMs, bimi },
      mail,
    );
    return {
      body: (chunk) => authenticator.body(chunk),
      finish: async () => this.#opinion(mail, await authenticator.finish()),
      abort: () => authenticator.abort(),
    };
  }

  async #opinion(mail: Arriving, found: Authentication): Promise<Opinion> {
    const { options, onFinding } = this.#parts;
    const decisions = await this.#decideAll(mail, found);
    const common = this.#common(decisions);
    const decision: Decision =
      mail.byGateway === true && common.action === 'refuse' ? { ...common, action: 'junk' } : common;
    this.#count(found, decision);
    onFinding?.(found, decision, mail);
    if (decision.action === 'refuse' || decision.action === 'defer') {
      const temporary = decision.action === 'defer';
      return { is: 'refuse', reply: refusalText(decision, found), temporary, found, decision };
    }
    const junkFor = decisions.filter(({ decision: { action } }) => action !== 'accept').map(({ org }) => org);
    return {
      is: 'accept',
      fields: resultFields(options.authservId, found, decision),
      junkFor,
      found,
      decision,
    };
  }

  /** For each organisation and domain among the recipients. */
  async #decideAll(mail: Arriving, found: Authentication): Promise<{ org: string; decision: Decision }[]> {
    const { options, rulesOf } = this.#parts;
    const { header, block } = mail;
    const given = { found, header, block, onTemporaryError: options.onTemporaryError };
    return Promise.all(
      mail.recipients.map(async ({ org, domain }) => {
        const own = org === '' ? undefined : await rulesOf(org, domain);
        return { org, decision: decide(given, own === undefined ? options : withOwn(options, own)) };
      }),
    );
  }

  /** A message is refused only where all want it refused; where some do, it goes into their Junk. */
  #common(decisions: readonly { decision: Decision }[]): Decision {
    const all = decisions.map(({ decision }) => decision);
    const mildest = all.toSorted((a, b) => weight[a.action] - weight[b.action])[0];
    const strictest = all.toSorted((a, b) => weight[b.action] - weight[a.action])[0];
    if (mildest === undefined || strictest === undefined)
      return { action: 'accept', by: 'clear', domain: '' };
    if (mildest.action === 'refuse' || mildest.action === 'defer') return mildest;
    return strictest.action === 'refuse' || strictest.action === 'defer'
      ? { ...strictest, action: 'junk' }
      : strictest;
  }

  #count({ spf, dkim, arc, dmarc }: Authentication, { action, by }: Decision): void {
    const add = (method: string, result: string): void => this.#results.add(1, { method, result });
    add('spf', spf.result);
    add('dkim', dkim.find(({ result }) => result === 'pass')?.result ?? dkim[0]?.result ?? 'none');
    add('arc', arc.result);
    add('dmarc', dmarc?.result ?? 'permerror');
    this.#decisions.add(1, { action, by });
  }
}

const weight: Readonly<Record<Decision['action'], number>> = { accept: 0, junk: 1, defer: 2, refuse: 3 };

/** What an organisation trusts and rules comes before, not instead of, what the server does. */
function withOwn(options: AuthenticationOptions, own: Partial<SenderRules>): SenderRules {
  const { trustedForwarders = [], senders = [] } = own;
  return {
    ...options,
    ...own,
    trustedForwarders: [...trustedForwarders, ...options.trustedForwarders],
    senders: [...senders, ...options.senders],
  };
}
