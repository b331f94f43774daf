/** The check of the rules that organisations make for themselves. */
import type { Check, Finding } from './check.ts';
import type { FactsOf } from './org-facts.ts';
import { RuleSubject } from './own-rule.ts';

export function ownRulesCheck(factsOf: FactsOf, timeoutMs: number): Check {
  return {
    name: 'own',
    stage: 'content',
    timeoutMs,
    onFailure: 'accept',
    begin(mail) {
      let bodyBytes = 0;
      return {
        body(chunk) {
          bodyBytes += chunk.length;
          return undefined;
        },
        async finish(seen) {
          const subject = new RuleSubject(mail, seen, mail.header.length + bodyBytes);
          const orgs = mail.login ? [mail.login.org] : [...new Set(mail.to.map(({ org }) => org))];
          const findings: Finding[] = [];
          for (const org of orgs) {
            for (const rule of (await factsOf(org)).rules) {
              if (!subject.fits(rule, org)) continue;
              const { name, weight, action } = rule;
              findings.push({ rule: `own.${name}`, weight, detail: '', org, ...(action && { action }) });
            }
          }
          return { findings };
        },
      };
    },
  };
}
