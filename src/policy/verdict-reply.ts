/** What a sender hears whose mail the filters turn away. ASCII, one line, no codes. */
import type { Judgement } from './chain.ts';

/** Undefined: somebody gets the mail. */
export function refusalOf({
  verdicts,
  failures,
}: Judgement): { readonly reply: string; readonly temporary: boolean } | undefined {
  if (verdicts.length === 0 || verdicts.some(({ action }) => action !== 'refuse' && action !== 'defer'))
    return undefined;
  const deferred = verdicts.find(({ action }) => action === 'defer');
  if (deferred) {
    const failed = failures.some(({ policy }) => policy === 'defer');
    const otherwise = failed ? 'A filter does not answer now, try again later' : 'Not now, try again later';
    return { temporary: true, reply: deferred.decisive?.reply ?? otherwise };
  }
  const [first] = verdicts;
  const { decisive, findings } = first!;
  return { temporary: false, reply: decisive?.reply ?? reason(findings.filter(({ weight }) => weight > 0)) };
}

/** What weighs most may have words of its own. Rules are named, so that who is refused by mistake can say by what; scores are not, so that nobody tunes spam by them. */
function reason(against: readonly { readonly rule: string; readonly reply?: string }[]): string {
  const [weightiest] = against;
  if (weightiest?.reply !== undefined) return weightiest.reply;
  const rules = against.slice(0, 5).map(({ rule }) => rule);
  return `This looks like mail that nobody has asked for${rules.length === 0 ? '' : ` (${rules.join(', ')})`}`;
}
