/** Profiles of what accounts send, and how far the ledger was read for them. A profile knows which events are in it, so that whatever is told twice counts once. */
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import { pausing } from './limit-rows.ts';
import {
  isHijacked,
  newProfile,
  type SendingDeed,
  type SendingProfile,
  signsOf,
  signsText,
  withDeed,
} from './signs.ts';

export interface NotedDeeds {
  readonly account: string;
  readonly org: string;
  /** The login of the last of them. */
  readonly credential: string;
  readonly deeds: readonly SendingDeed[];
  readonly nowMs: number;
}

/** Adds what happened to the profile, and pauses the login if that looks like somebody else's doing. Gives whether it did. */
export const noteSending = operation(
  'policy.noteSending',
  function* (args: NotedDeeds): Transaction<boolean> {
    const { account, org, credential, deeds, nowMs } = args;
    const first = deeds[0];
    if (first === undefined) return false;
    const before = yield* profileOf(account);
    // What comes back is a sign only beside what was sent: of an account that is gone, or that was never seen, it says nothing.
    if (before === undefined && deeds.every(({ is }) => is === 'bounced')) return false;
    let profile = before ?? newProfile(first.atMs);
    for (const deed of deeds) profile = withDeed(profile, deed);
    yield* rows(
      `insert into sending_profile (account, profile) values (?, ?)
      on conflict (account) do update set profile = excluded.profile`,
      account,
      JSON.stringify(profile),
    );
    const signs = signsOf(profile);
    if (!isHijacked(profile, signs, nowMs)) return false;
    return yield* pausing({
      account,
      org,
      credential,
      atMs: nowMs,
      why: signsText(signs),
      by: '',
      operator: false,
    });
  },
);

export function* profileOf(account: string): Transaction<SendingProfile | undefined> {
  const found = yield* maybe<{ profile: string }>(
    'select profile from sending_profile where account = ?',
    account,
  );
  return found && (JSON.parse(found.profile) as SendingProfile);
}

/** Somebody says that it was the owner after all: what was sent is usual from now on. */
export const forgiveSending = operation(
  'policy.forgiveSending',
  function* ({ account }: { readonly account: string }): Transaction<void> {
    const profile = yield* profileOf(account);
    if (profile === undefined) return;
    const day = Math.floor((profile.hours.at(-1)?.hour ?? 0) / 24);
    const sent = profile.hours.reduce((sum, { recipients }) => sum + recipients, 0);
    const days = [...profile.days.filter(([each]) => each !== day), [day, sent] as const];
    const forgiven = { ...profile, days, hours: [] };
    yield* rows(
      'update sending_profile set profile = ? where account = ?',
      JSON.stringify(forgiven),
      account,
    );
  },
);

export function* watchedTo(): Transaction<number | undefined> {
  return (yield* maybe<{ seq: number }>('select seq from sending_watch where id = 1'))?.seq;
}

export const setWatchedTo = operation('policy.setWatchedTo', function* (seq: number): Transaction<void> {
  yield* rows(
    'insert into sending_watch (id, seq) values (1, ?) on conflict (id) do update set seq = excluded.seq where sending_watch.seq < excluded.seq',
    seq,
  );
});
