/** What holds where settings say nothing. */
import type { ShapingOptions } from './options.ts';
import { shippedReplies, shippedRules } from './rules/shipped.ts';

export const shapingDefaults: ShapingOptions = {
  rules: shippedRules,
  replies: shippedReplies,
  sources: [],
  pools: [],
  learn: true,
  connectionMessages: 1000,
  connectionsMax: 20,
  warmUpFirst: 200,
  warmUpGrowth: 1.5,
  warmUpDays: 21,
  blockLists: [],
  domains: [],
  weights: [],
};
