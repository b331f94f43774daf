/**
 * `shaping_node`: the nodes that are there, and since when (nodes.ts).
 *
 * `shaping_state`: what was learned of a receiver, or how far a warm-up is, by name (JSON; kept-states.ts). Written seldom; lost, it is learned anew.
 */
import type { Migration } from '../store/store.ts';

export const migrations: readonly Migration[] = [
  {
    part: 'shaping',
    version: 1,
    statements: [
      'create table shaping_state (name text not null primary key, at integer not null, state text not null)',
    ],
  },
  {
    part: 'shaping',
    version: 2,
    statements: [
      'create table shaping_node (node text not null primary key, since integer not null, seen integer not null)',
    ],
  },
];
