/** What is done with a mail whose text was wholly sent, and to which no answer came: it may have arrived (RFC 5321, 6.1). */
import type { UnansweredPolicy, UnansweredRule } from '../options.ts';
import { isAmong } from '../route/hop.ts';

/** The first rule that fits; else it is tried again. */
export function unansweredPolicy(
  rules: readonly UnansweredRule[],
  { org, destination }: { readonly org: string; readonly destination: string },
): UnansweredPolicy {
  const found = rules.find(
    (rule) => (rule.org === undefined || rule.org === org) && isAmong(rule.domains, destination),
  );
  return found?.policy ?? 'retry';
}
