/** The checks of the chain of filters, as the settings have them. */
import type { Check } from '../policy/check.ts';

/** In the order in which they are begun; their order has no other meaning. */
export function openChecks(): readonly Check[] {
  return [];
}
