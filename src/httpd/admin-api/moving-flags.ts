/** Flags of messages as words. */
import { answered, deleted, draft, flagged, type Flags, seen } from '../../mailbox/flags.ts';
import type { MovingFlags } from './contract-moving.ts';

const bits = { seen, answered, flagged, deleted, draft } as const;
const names = Object.keys(bits) as (keyof typeof bits)[];

export function flagsOf({ system, keywords }: MovingFlags): Flags {
  return { system: system.reduce((sum, name) => sum | bits[name], 0), keywords };
}

export function shownFlags({ system, keywords }: Flags): MovingFlags {
  return { system: names.filter((name) => (system & bits[name]) !== 0), keywords: [...keywords] };
}
