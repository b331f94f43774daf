/** What proves a person besides the password: one-time codes, recovery codes, passkeys; and proofs that count once. */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { batch, row, rows, type Transaction } from '../../store/transaction.ts';
import { existing, recordChange, type Change } from './change.ts';

/** Passkeys of one account. */
const passkeysMax = 20;

interface OfAccount {
  readonly change: Change;
  readonly account: string;
  readonly org: string;
}

function* told(
  { change, account, org }: OfAccount,
  action: string,
  detail: Readonly<Record<string, unknown>> = {},
): Transaction<void> {
  const { name } = yield* existing<{ name: string }>(
    'account',
    'select name from directory_account where org = ? and id = ?',
    org,
    account,
  );
  yield* recordChange(change, { org, action, subject: name, detail });
}

/** A secret that counts only once a code of it was shown. One that counts is not replaced. */
export const beginTotp = operation(
  'directory.beginTotp',
  function* ({
    account,
    org,
    secret,
    atMs,
  }: {
    account: string;
    org: string;
    secret: string;
    atMs: number;
  }): Transaction<void> {
    const counts = yield* rows('select account from totp where account = ? and confirmed = 1', account);
    if (counts.length > 0) throw new Refusal('conflict', 'one-time codes are set up already');
    yield* rows('delete from totp where account = ?', account);
    yield* rows(
      'insert into totp (account, org, secret, confirmed, last_step, created_at) values (?, ?, ?, 0, 0, ?)',
      account,
      org,
      secret,
      atMs,
    );
  },
);

/** The secret counts from now on; this step is used. */
export const confirmTotp = operation(
  'directory.confirmTotp',
  function* ({ step, ...of }: OfAccount & { step: number }): Transaction<void> {
    yield* existing(
      'set-up of one-time codes',
      'update totp set confirmed = 1, last_step = ? where account = ? and org = ? and confirmed = 0 returning account',
      step,
      of.account,
      of.org,
    );
    yield* told(of, 'factor.totp.add');
  },
);

/** Uses a step once (RFC 6238, 5.2). Gives false when it, or a later one, was used before. */
export const useTotpStep = operation(
  'directory.useTotpStep',
  function* ({ account, step }: { account: string; step: number }): Transaction<boolean> {
    const used = yield* rows(
      'update totp set last_step = ? where account = ? and confirmed = 1 and last_step < ? returning account',
      step,
      account,
      step,
    );
    return used.length === 1;
  },
  { essential: true },
);

export const dropTotp = operation(
  'directory.dropTotp',
  function* (of: OfAccount): Transaction<void> {
    yield* existing(
      'set-up of one-time codes',
      'delete from totp where account = ? and org = ? returning account',
      of.account,
      of.org,
    );
    yield* told(of, 'factor.totp.delete');
  },
  { essential: true },
);

/** Recovery codes in place of those before. */
export const putRecoveryCodes = operation(
  'directory.putRecoveryCodes',
  function* ({ hashes, ...of }: OfAccount & { hashes: readonly string[] }): Transaction<void> {
    yield* rows('delete from recovery_code where account = ?', of.account);
    yield* batch(
      hashes.map((hash) => ({
        sql: 'insert into recovery_code (account, hash) values (?, ?)',
        params: [of.account, hash],
      })),
    );
    yield* told(of, 'factor.recovery.set');
  },
);

/** Gives whether there was such a code; it is gone then. */
export const useRecoveryCode = operation(
  'directory.useRecoveryCode',
  function* ({ hash, ...of }: OfAccount & { hash: string }): Transaction<boolean> {
    const used = yield* rows(
      'delete from recovery_code where account = ? and hash = ? returning hash',
      of.account,
      hash,
    );
    if (used.length === 1) yield* told(of, 'factor.recovery.use');
    return used.length === 1;
  },
  { essential: true },
);

export interface NewPasskey {
  readonly id: string;
  readonly name: string;
  /** The host name that it is for. */
  readonly rp: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: string;
}

export const addPasskey = operation(
  'directory.addPasskey',
  function* ({ passkey, ...of }: OfAccount & { passkey: NewPasskey }): Transaction<void> {
    const { total } = yield* row<{ total: number }>(
      'select count(*) as total from passkey where account = ?',
      of.account,
    );
    if (total >= passkeysMax) throw new Refusal('limitReached', `${passkeysMax} passkeys`);
    const { id, name, rp, publicKey, counter, transports } = passkey;
    const made = yield* rows(
      `insert into passkey (id, account, org, name, rp, public_key, counter, transports, created_at, last_used_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) on conflict (id) do nothing returning id`,
      id,
      of.account,
      of.org,
      name,
      rp,
      publicKey,
      counter,
      transports,
      of.change.atMs,
    );
    if (made.length === 0) throw new Refusal('conflict', 'this passkey is known already');
    yield* told(of, 'factor.passkey.add', { name });
  },
);

export const dropPasskey = operation(
  'directory.dropPasskey',
  function* ({ id, ...of }: OfAccount & { id: string }): Transaction<void> {
    const { name } = yield* existing<{ name: string }>(
      'passkey',
      'delete from passkey where id = ? and account = ? and org = ? returning name',
      id,
      of.account,
      of.org,
    );
    yield* told(of, 'factor.passkey.delete', { name });
  },
  { essential: true },
);

/** Gives false when the counter went back: the passkey may have been copied (WebAuthn, 6.1.1). */
export const notePasskeyUse = operation(
  'directory.notePasskeyUse',
  function* ({ id, counter, atMs }: { id: string; counter: number; atMs: number }): Transaction<boolean> {
    const noted = yield* rows(
      'update passkey set counter = ?, last_used_at = ? where id = ? and (counter < ? or (counter = 0 and ? = 0)) returning id',
      counter,
      atMs,
      id,
      counter,
      counter,
    );
    return noted.length === 1;
  },
  { essential: true },
);

/** Everything besides the password goes: for whoever has lost it all. Noted by whoever does it. */
export const dropFactors = operation(
  'directory.dropFactors',
  function* ({ account, org }: { account: string; org: string }): Transaction<void> {
    yield* existing('account', 'select id from directory_account where org = ? and id = ?', org, account);
    for (const table of ['totp', 'recovery_code', 'passkey'])
      yield* rows(`delete from ${table} where account = ?`, account);
  },
  { essential: true },
);

/** Gives whether the proof was not used before. Those whose time is over are forgotten. */
export const useProof = operation(
  'directory.useProof',
  function* ({
    id,
    expiresAtMs,
    nowMs,
  }: {
    id: string;
    expiresAtMs: number;
    nowMs: number;
  }): Transaction<boolean> {
    yield* rows('delete from proof_used where expires_at < ?', nowMs);
    const used = yield* rows(
      'insert into proof_used (id, expires_at) values (?, ?) on conflict (id) do nothing returning id',
      id,
      expiresAtMs,
    );
    return used.length === 1;
  },
  { essential: true },
);
