/** Issued certificates, accounts at authorities, and plans in the store. */
import type { AcmeAccount } from '../../net/acme-client.ts';
import { operation } from '../../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../../store/transaction.ts';

/** A certificate that an authority issued, under the name of what it is for. */
export interface IssuedCertificate {
  readonly name: string;
  readonly names: readonly string[];
  /** PEM, with intermediates. */
  readonly chain: string;
  readonly key: string;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

export interface Plan {
  readonly name: string;
  readonly failures: number;
  readonly nextAtMs: number;
  readonly problem: string;
}

interface CertificateRow {
  readonly name: string;
  readonly names: string;
  readonly chain: string;
  readonly private_key: string;
  readonly renew_at: number;
  readonly expires_at: number;
}

export function* allCertificates(): Transaction<readonly IssuedCertificate[]> {
  const found = yield* rows<CertificateRow>('select * from certificate order by name');
  return found.map((one) => ({
    name: one.name,
    names: JSON.parse(one.names) as string[],
    chain: one.chain,
    key: one.private_key,
    renewAtMs: one.renew_at,
    expiresAtMs: one.expires_at,
  }));
}

export function* allPlans(): Transaction<readonly Plan[]> {
  const found = yield* rows<{ name: string; failures: number; next_at: number; problem: string }>(
    'select name, failures, next_at, problem from certificate_plan order by name',
  );
  return found.map(({ next_at: nextAtMs, ...plan }) => ({ ...plan, nextAtMs }));
}

/** Rises with every certificate that comes or goes. */
export function* certificatesVersion(): Transaction<number> {
  const { version } = yield* row<{ version: number }>('select version from certificate_head where id = 1');
  return version;
}

/** Chain and key are one row: nobody ever sees one of them without the other. */
export const keepCertificate = operation(
  'certificate.keep',
  function* ({ name, names, chain, key, renewAtMs, expiresAtMs }: IssuedCertificate): Transaction<void> {
    yield* rows(
      `insert into certificate (name, names, chain, private_key, renew_at, expires_at) values (?, ?, ?, ?, ?, ?)
        on conflict (name) do update set names = excluded.names, chain = excluded.chain, private_key = excluded.private_key,
        renew_at = excluded.renew_at, expires_at = excluded.expires_at`,
      name,
      JSON.stringify(names),
      chain,
      key,
      renewAtMs,
      expiresAtMs,
    );
    yield* rows('delete from certificate_plan where name = ?', name);
    yield* rows('update certificate_head set version = version + 1 where id = 1');
  },
  { essential: true },
);

/** The authority would like the renewal earlier or later. */
export const setRenewal = operation(
  'certificate.setRenewal',
  function* ({ name, renewAtMs }: { readonly name: string; readonly renewAtMs: number }): Transaction<void> {
    yield* rows('update certificate set renew_at = ? where name = ?', renewAtMs, name);
  },
);

/** What is no longer wanted, and what it was to be. */
export const dropCertificates = operation(
  'certificate.drop',
  function* (names: readonly string[]): Transaction<void> {
    for (const name of names) {
      yield* rows('delete from certificate where name = ?', name);
      yield* rows('delete from certificate_plan where name = ?', name);
    }
    if (names.length > 0) yield* rows('update certificate_head set version = version + 1 where id = 1');
  },
);

export const keepPlan = operation(
  'certificate.keepPlan',
  function* ({ name, failures, nextAtMs, problem }: Plan): Transaction<void> {
    yield* rows(
      `insert into certificate_plan (name, failures, next_at, problem) values (?, ?, ?, ?)
        on conflict (name) do update set failures = excluded.failures, next_at = excluded.next_at, problem = excluded.problem`,
      name,
      failures,
      nextAtMs,
      problem,
    );
  },
  { essential: true },
);

export interface Lease {
  /** The node that asks. */
  readonly keeper: string;
  readonly nowMs: number;
  readonly untilMs: number;
}

/** True: this node sees to the certificates until then. */
export const takeLease = operation(
  'certificate.lease',
  function* ({ keeper, nowMs, untilMs }: Lease): Transaction<boolean> {
    const taken = yield* rows(
      'update certificate_head set keeper = ?, until_at = ? where id = 1 and (keeper = ? or until_at < ?) returning id',
      keeper,
      untilMs,
      keeper,
      nowMs,
    );
    return taken.length > 0;
  },
  { essential: true },
);

interface AccountRow {
  readonly url: string;
  readonly private_key: string;
}

/** The account at an authority: the one that is there, else the one given. */
export const accountAt = operation(
  'certificate.account',
  function* ({
    directory,
    made,
  }: {
    readonly directory: string;
    readonly made: AcmeAccount;
  }): Transaction<AcmeAccount> {
    yield* rows(
      'insert into certificate_account (directory, url, private_key) values (?, ?, ?) on conflict (directory) do nothing',
      directory,
      made.url,
      made.key,
    );
    const kept = yield* maybe<AccountRow>(
      'select url, private_key from certificate_account where directory = ?',
      directory,
    );
    return { url: kept!.url, key: kept!.private_key };
  },
);

export const setAccountUrl = operation(
  'certificate.setAccountUrl',
  function* ({ directory, url }: { readonly directory: string; readonly url: string }): Transaction<void> {
    yield* rows('update certificate_account set url = ? where directory = ?', url, directory);
  },
);
