/**
 * Tables of webhooks. `webhook_endpoint` has settings, secrets and how deliveries go; `cursor` is how far in the ledger it has been told. `webhook_parked` are events that the
 * endpoint did not take, or that stand behind such a one of the same message: each is tried by itself. `webhook_dead` are those given up. `events.webhook_attempt` is the history.
 */
import type { Migration } from '../store/store.ts';

export const migrations: readonly Migration[] = [
  {
    part: 'webhook',
    version: 1,
    statements: [
      `create table webhook_endpoint (
        id text not null primary key,
        org text not null,
        settings text not null,
        secrets text not null,
        made_at integer not null,
        made_by text not null,
        state text not null,
        reason text not null,
        position integer not null,
        failing_since integer not null,
        next_try integer not null,
        tries integer not null,
        owner text not null,
        lease_until integer not null,
        epoch integer not null
      )`,
      'create index webhook_endpoint_org on webhook_endpoint (org)',
      `create table webhook_parked (
        endpoint text not null,
        seq integer not null,
        message text not null,
        first_at integer not null,
        next_try integer not null,
        tries integer not null,
        last text not null,
        primary key (endpoint, seq)
      )`,
      'create index webhook_parked_due on webhook_parked (endpoint, next_try)',
      `create table webhook_dead (
        endpoint text not null,
        seq integer not null,
        message text not null,
        at integer not null,
        tries integer not null,
        last text not null,
        primary key (endpoint, seq)
      )`,
      `create table events.webhook_attempt (
        endpoint text not null,
        at integer not null,
        id text not null,
        first_seq integer not null,
        count integer not null,
        status integer not null,
        ms integer not null,
        answer text not null,
        primary key (endpoint, at, id)
      )`,
    ],
  },
];
