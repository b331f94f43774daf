/** The checks of the chain of filters, as the settings have them. */
import type { Resolver } from '../net/resolver.ts';
import type { Check } from '../policy/check.ts';
import { lineCheck } from '../policy/line-check.ts';
import { engineChecks } from './engine-checks.ts';
import { ownChecks, type OwnCheckParts } from './own-checks.ts';
import { lineLists } from './line-lists.ts';

export interface CheckParts extends OwnCheckParts {
  readonly resolver: Resolver;
}

/** In the order in which they are begun; their order has no other meaning. */
export function openChecks(parts: CheckParts): readonly Check[] {
  return [...ownChecks(parts), ...ofLines(parts), ...engineChecks(parts.settings, parts.resolver)];
}

function ofLines({ settings, resolver: dns }: CheckParts): readonly Check[] {
  const { action } = settings.ip25b;
  if (action === 'none') return [];
  return [lineCheck({ dns, ...lineLists(settings), action: action === 'weigh' ? undefined : action })];
}
