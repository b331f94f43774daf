/**
 * The filters of mail, in one chain with one verdict: every check sees the mail pass by; what they find is added up once, for each organisation
 * that gets the mail, by its own weights and thresholds.
 *
 * Checks of all stages but the last run side by side; those of stage `end` come after, and see what the others have found. Memory: what
 * content.ts keeps, and what each check keeps.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import { PartStream } from '../proto/mime/part-stream.ts';
import type { Authentication } from './authentication.ts';
import type { Check, CheckedMail, Finding, Found, Seen, VirusLevel } from './check.ts';
import { ContentGatherer, shownTo } from './content.ts';
import { listRules, type ListedRule } from './rule-list.ts';
import { GuardedCheck } from './guarded-check.ts';
import { judge, leaving, settle, type Failure, type Verdict, type VerdictRules } from './verdict.ts';

export interface ChainParts {
  readonly checks: readonly Check[];
  /** Of an organisation; `''`: of the server, for who is nobody's here. */
  readonly rulesOf: (org: string) => Promise<VerdictRules>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What was found about a mail, and what follows. */
export interface Judgement {
  /** One for each organisation among the recipients; for mail that goes out, of the organisation that sends it. */
  readonly verdicts: readonly Verdict[];
  readonly failures: readonly Failure[];
  /** The highest that a check has told; undefined: nobody looked for any. */
  readonly virus: VirusLevel | undefined;
  /** Header fields of checks. */
  readonly fields: string;
}

export interface Inspection {
  /** A piece of the body, as it came. The bytes may be reused once this returned and its promise, if any, resolved. */
  body(chunk: Buffer): Promise<void> | undefined;
  /** The mail is whole. `known`: found by others than the checks. */
  finish(known: Known): Promise<Judgement>;
  abort(): void;
}

export interface Known {
  readonly findings: readonly Finding[];
  /** Of others than the checks. */
  readonly failures?: readonly Failure[];
  readonly authentication?: Authentication;
}

export class Chain {
  readonly #parts: ChainParts;
  readonly #found: Counter<'rule'>;
  readonly #failed: Counter<'check'>;
  readonly #verdicts: Counter<'direction' | 'action'>;

  constructor(parts: ChainParts) {
    this.#parts = parts;
    const { metrics } = parts;
    this.#found = metrics.counter(
      'hikyaku_filter_findings_total',
      'What filters have found, by the first word of the rule.',
      ['rule'],
    );
    this.#failed = metrics.counter('hikyaku_filter_failures_total', 'Checks that could not do their work.', [
      'check',
    ]);
    this.#verdicts = metrics.counter('hikyaku_filter_verdicts_total', 'What was done with mail.', [
      'direction',
      'action',
    ]);
  }

  /** The rules that there are, with the weights that an organisation gives them. */
  async rules(org: string): Promise<readonly ListedRule[]> {
    return listRules(this.#parts.checks, await this.#parts.rulesOf(org));
  }

  begin(mail: CheckedMail): Inspection {
    const { checks, clock } = this.#parts;
    const running = checks.map((check) => new GuardedCheck(check, mail, clock));
    const watch = new Watch(mail, running);
    return {
      body: (chunk) => watch.body(chunk),
      finish: async (known) => {
        const results = await watch.finish(known);
        return this.#judged(mail, [...known.findings, ...results.flatMap(({ findings }) => findings)], {
          results,
          failures: [...(known.failures ?? []), ...running.flatMap(({ failure }) => failure ?? [])],
        });
      },
      abort: () => running.forEach((check) => check.abort()),
    };
  }

  async #judged(
    mail: CheckedMail,
    findings: readonly Finding[],
    { results, failures }: { readonly results: readonly Found[]; readonly failures: readonly Failure[] },
  ): Promise<Judgement> {
    const { rulesOf, log } = this.#parts;
    const out = mail.direction === 'out';
    const orgs = out ? [mail.login?.org ?? ''] : [...new Set(mail.to.map(({ org }) => org))];
    const judged = await Promise.all(
      orgs.map(async (org) => judge(org, { findings, failures }, await rulesOf(org))),
    );
    const verdicts = settle(out ? judged.map(leaving) : judged);
    for (const { rule } of findings) this.#found.add(1, { rule: rule.split('.', 1)[0]! });
    for (const { action } of verdicts) this.#verdicts.add(1, { direction: mail.direction, action });
    for (const failure of failures) {
      this.#failed.add(1, { check: failure.check });
      log.warn({ message: mail.id, ...failure }, 'a filter could not do its work');
    }
    const viruses = results.flatMap(({ virus }) => virus ?? []);
    return {
      verdicts,
      failures,
      virus: viruses.length === 0 ? undefined : (Math.max(...viruses) as VirusLevel),
      fields: results.map(({ fields = '' }) => fields).join(''),
    };
  }
}

/** The checks at work on one mail. */
class Watch {
  readonly #running: readonly GuardedCheck[];
  readonly #gatherer = new ContentGatherer();
  readonly #parts: PartStream;

  constructor(mail: CheckedMail, running: readonly GuardedCheck[]) {
    this.#running = running.filter((check) => check.isBusy);
    const several = [this.#gatherer.part, ...this.#running.flatMap(({ part }) => part ?? [])];
    this.#parts = new PartStream(mail.header, mail.block, shownTo(several));
  }

  body(chunk: Buffer): Promise<void> | undefined {
    this.#parts.push(chunk);
    const waits = this.#running.flatMap((check) => check.body(chunk) ?? []);
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  async finish(known: Known): Promise<readonly Found[]> {
    this.#parts.end();
    const content = { ...this.#gatherer.content, cut: this.#parts.isCut };
    const isLast = ({ check }: GuardedCheck): boolean => check.stage === 'end';
    const { authentication } = known;
    const seen: Seen = { content, findings: [], ...(authentication && { authentication }) };
    const first = await Promise.all(
      this.#running.filter((check) => !isLast(check)).map((check) => check.finish(seen)),
    );
    const findings = [...known.findings, ...first.flatMap((found) => found.findings)];
    const last = this.#running.filter(isLast).map((check) => check.finish({ ...seen, findings }));
    return [...first, ...(await Promise.all(last))];
  }
}
