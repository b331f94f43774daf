/** What the command line shows of the rules of shaping, from the settings file alone. */
import type { Settings } from '../config/schema.ts';
import { limitText } from '../shaping/explain.ts';
import { lint, type Finding } from '../shaping/lint.ts';
import { limitNames, type ReplyRule, type ShapingRule } from '../shaping/options.ts';
import { providerList, type ListedProvider } from '../shaping/provider-list.ts';
import { shapingOptions } from './shaping.ts';

export type { Finding, ListedProvider };

export interface ShownRule {
  readonly name: string;
  /** To whom it applies and what it counts. */
  readonly about: string;
  readonly limits: string;
  readonly why: string;
}

export const lintShaping = (settings: Settings): readonly Finding[] => lint(shapingOptions(settings));

export const shownProviders = (): readonly ListedProvider[] => providerList;

/** The rules as they are held against one another; of one provider, or all. */
export function shownRules(settings: Settings, provider?: string): readonly ShownRule[] {
  return shapingOptions(settings)
    .rules.filter(
      (rule) => provider === undefined || rule.provider === undefined || rule.provider === provider,
    )
    .map((rule) => ({ name: rule.name, about: aboutOf(rule), limits: limitsOf(rule), why: rule.why }));
}

export function shownReplies(settings: Settings, provider?: string): readonly ShownRule[] {
  return shapingOptions(settings)
    .replies.filter(
      (rule) => provider === undefined || rule.provider === undefined || rule.provider === provider,
    )
    .map((rule) => ({ name: rule.name, about: replyAbout(rule), limits: doesOf(rule), why: rule.why }));
}

function aboutOf(rule: ShapingRule): string {
  const named = (['provider', 'host', 'source', 'domain', 'org', 'stream', 'campaign'] as const)
    .filter((field) => rule[field] !== undefined)
    .map((field) => (field === 'provider' ? rule.provider! : `${field} ${rule[field]!}`));
  return `${named.length === 0 ? 'all' : named.join(', ')}${rule.across ? ', over all its sites' : ''}`;
}

const limitsOf = ({ limits }: ShapingRule): string =>
  limitNames
    .filter((limit) => limits[limit] !== undefined)
    .map((limit) => `${limit} ${limitText(limits[limit]!)}`)
    .join(', ');

const replyAbout = ({ provider = 'all', phases, says }: ReplyRule): string =>
  `${provider}${phases.length === 0 ? '' : ` (${phases.join(', ')})`} ${String(says)}`;

const doesOf = ({ does, forMs, about }: ReplyRule): string =>
  `${does}${does === 'suspend' ? ` ${Math.round(forMs / 60_000)} min` : ''}${about === 'org' ? ', of the organisation' : ''}`;
