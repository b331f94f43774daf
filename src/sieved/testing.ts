/** A ManageSieve server for tests, reached without a network: one account, alice, with the password "secret". */
import { duplexPair, type Duplex } from 'node:stream';
import { systemClock, type Clock } from '../base/clock.ts';
import type { AccountId, OrgId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { Refusal } from '../base/refusal.ts';
import type { Account } from '../directory/account.ts';
import type { Principal } from '../directory/principal.ts';
import { Connection } from '../net/connection.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';
import { migrations } from '../sieve/migrations.ts';
import { operations } from '../sieve/operations.ts';
import { Scripts } from '../sieve/scripts.ts';
import { Workshop } from '../sieve/workshop.ts';
import type { Store } from '../store/store.ts';
import { openTestStore, type TestStore } from '../store/testing.ts';
import { defaultOptions, type ManageSieveOptions } from './options.ts';
import { ManageSieveServer, type ManageSieveParts } from './server.ts';

export const alice = 'alice' as AccountId;

const principal: Principal = {
  account: alice,
  org: 'org' as OrgId,
  address: 'alice@here.test',
  roles: [],
  credential: 'password',
};

async function login(username: string, password: string): Promise<Principal> {
  if (username === 'busy') throw new Error('the directory is down');
  if (username === 'locked') throw new Refusal('accountLocked', username);
  if (username === 'alice' && password === 'secret') return principal;
  throw new Refusal('authenticationFailed', username);
}

export interface TestServerOptions {
  readonly store: Store;
  readonly options?: Partial<ManageSieveOptions>;
  readonly tls?: TlsContexts;
  readonly clock?: Clock;
  /** Of the account. */
  readonly language?: 'en' | 'ja';
}

export const openScriptStore = (): Promise<TestStore> => openTestStore({ migrations, operations });

export function testServer(how: TestServerOptions): { server: ManageSieveServer; connect: () => Duplex } {
  const clock = how.clock ?? systemClock;
  const directory: ManageSieveParts['directory'] = {
    credentials: () => ({
      verifyPassword: login,
      scram: () => Promise.reject(new Refusal('authenticationFailed', 'no keys')),
    }),
    account: async () => ({ language: how.language ?? 'en' }) as Account,
  };
  const server = new ManageSieveServer({
    directory,
    scripts: new Scripts({ store: how.store, clock, workshop: new Workshop({ clock, log: silentLog }) }),
    clock,
    log: silentLog,
    metrics: noMetrics,
    tls: how.tls,
    options: { ...defaultOptions, hostname: 'here.test', plaintextLogin: true, ...how.options },
  });
  const connect = (): Duplex => {
    const [client, far] = duplexPair();
    const peer = { ip: '192.0.2.9', port: 40_000 };
    server.serve(new Connection(far, { clock, peer, local: { ip: '192.0.2.1', port: 4190 } }));
    return client;
  };
  return { server, connect };
}
