/**
 * Which limits are in force for a mail, of all the rules there are.
 *
 * Rules that count the same mail (the same of domain, organisation, stream and campaign named, the same site or all sites of the provider) are
 * weighed against one another, limit by limit: the one that names the receiver most precisely wins (host, then provider, then all); of equals one
 * that names the source; of equals that of the settings; of equals the later. Rules that count other mail hold besides: so a rule for one
 * organisation holds together with the one for all.
 */
import { limitNames, type LimitName, type Limits, type ShapingRule, type Who } from '../options.ts';
import { nameFits } from './providers.ts';

export interface Receiver {
  readonly site: string;
  readonly hosts: readonly string[];
  readonly provider: string;
}

/** The mail that asks. */
export type Mail = Required<Who>;

export interface InForce<K extends LimitName = LimitName> {
  readonly limit: K;
  readonly value: NonNullable<Limits[K]>;
  readonly rule: ShapingRule;
  /** What is counted together, as a key: of the same text the same counter. */
  readonly counts: string;
  /** Counted is all mail of the source to the site or provider, not only some. */
  readonly everybody: boolean;
  /** Rules that say something else about it and lose, the best of them first. */
  readonly beaten: readonly ShapingRule[];
}

const whoFields = ['domain', 'org', 'stream', 'campaign'] as const;

export function inForce(
  rules: readonly ShapingRule[],
  receiver: Receiver,
  { source, mail }: { readonly source: string; readonly mail: Mail },
): readonly InForce[] {
  const groups = new Map<string, ShapingRule[]>();
  for (const rule of rules) {
    if (!appliesTo(rule, receiver, source) || !isAbout(rule, mail)) continue;
    const key = countsOf(rule, receiver, mail);
    const group = groups.get(key);
    if (group) group.push(rule);
    else groups.set(key, [rule]);
  }
  return [...groups].flatMap(([counts, group]) => winners(counts, group));
}

function winners(counts: string, group: readonly ShapingRule[]): readonly InForce[] {
  const ranked = group.map((rule, i) => ({ rule, i })).sort((a, b) => rank(b) - rank(a) || b.i - a.i);
  return limitNames.flatMap((limit): readonly InForce[] => {
    const [best, ...beaten] = ranked.filter(({ rule }) => rule.limits[limit] !== undefined);
    if (!best) return [];
    const { rule } = best;
    const everybody = whoFields.every((field) => rule[field] === undefined);
    return [
      { limit, value: rule.limits[limit]!, rule, counts, everybody, beaten: beaten.map((b) => b.rule) },
    ];
  });
}

/** Greater is more precise; the fields do not reach into one another. */
function rank({ rule }: { readonly rule: ShapingRule }): number {
  const receiver =
    rule.host !== undefined ? (rule.host.startsWith('.') ? 2 : 3) : rule.provider !== undefined ? 1 : 0;
  const exact = whoFields.filter((field) => rule[field] !== undefined && rule[field] !== '*').length;
  return (
    exact * 100 + receiver * 10 + (rule.source === undefined ? 0 : 2) + (rule.from === 'settings' ? 1 : 0)
  );
}

export function appliesTo(rule: ShapingRule, receiver: Receiver, source: string): boolean {
  if (rule.provider !== undefined && rule.provider !== receiver.provider) return false;
  if (rule.source !== undefined && rule.source !== source) return false;
  if (rule.across && receiver.provider === '') return false;
  const { host } = rule;
  return (
    host === undefined || (receiver.hosts.length > 0 && receiver.hosts.every((name) => nameFits(host, name)))
  );
}

/** An empty organisation or campaign is nobody's: `*` does not count it. */
function isAbout(rule: ShapingRule, mail: Mail): boolean {
  return whoFields.every((field) => {
    const asked = rule[field];
    if (asked === undefined) return true;
    if (asked === '*') return mail[field] !== '';
    return field === 'domain' ? nameFits(asked, mail.domain) : asked === mail[field];
  });
}

function countsOf(rule: ShapingRule, { site, provider }: Receiver, mail: Mail): string {
  const place = rule.across ? `all of ${provider}` : site;
  const who = whoFields
    .filter((field) => rule[field] !== undefined)
    .map(
      (field) =>
        ` ${field}=${field === 'domain' && rule.domain!.startsWith('.') ? rule.domain! : mail[field]}`,
    );
  return place + who.join('');
}
