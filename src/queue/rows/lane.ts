/**
 * Lanes: the unit of fairness. A lane is a ring (urgent, transactional, bulk) with an organisation and a campaign, as one string, so that
 * entries of one lane lie together in the store and a long one never has to be read through to reach another.
 */
import type { QueuedMessage } from '../message.ts';

/** Lower rings go first. */
export const rings = { urgent: 0, transactional: 1, bulk: 2 } as const;
export const ringCount = 3;

export function laneOf(message: QueuedMessage): string {
  return `${ringOf(message)}${message.org}/${message.campaign}`;
}

/** RFC 6710 priorities move a message between the rings, never within one. */
function ringOf(message: QueuedMessage): number {
  if (message.priority > 0) return rings.urgent;
  return message.stream === 'bulk' || message.priority < 0 ? rings.bulk : rings.transactional;
}

export const ringOfLane = (lane: string): number => lane.charCodeAt(0) - 48;

export const orgOfLane = (lane: string): string => lane.slice(1, lane.indexOf('/'));
