/** A POP3 server for tests, reached without a network: one account, alice, with the password "secret". */
import { duplexPair, type Duplex } from 'node:stream';
import { systemClock, type Clock } from '../base/clock.ts';
import type { OrgId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { Refusal } from '../base/refusal.ts';
import type { Principal } from '../directory/principal.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import { alice } from '../mailbox/testing.ts';
import { Connection } from '../net/connection.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';
import { defaultOptions, type Pop3Options } from './options.ts';
import { type Pop3Parts, Pop3Server } from './server.ts';

const principal: Principal = {
  account: alice,
  org: 'org' as OrgId,
  address: 'alice@here.test',
  roles: [],
  credential: 'password',
};

async function login(username: string, password: string): Promise<Principal> {
  if (username === 'busy') throw new Error('the directory is down');
  if (username === 'alice' && password === 'secret') return principal;
  throw new Refusal('authenticationFailed', username);
}

const directory: Pop3Parts['directory'] = {
  login,
  credentials: () => ({
    verifyPassword: login,
    scram: () => Promise.reject(new Refusal('authenticationFailed', 'no keys')),
  }),
};

export interface TestServerOptions {
  readonly mailboxes: Mailboxes;
  readonly options?: Partial<Pop3Options>;
  readonly tls?: TlsContexts;
  readonly clock?: Clock;
}

export function testServer(how: TestServerOptions): { server: Pop3Server; connect: () => Duplex } {
  const clock = how.clock ?? systemClock;
  const server = new Pop3Server({
    directory,
    mailboxes: how.mailboxes,
    clock,
    log: silentLog,
    metrics: noMetrics,
    tls: how.tls,
    options: { ...defaultOptions, hostname: 'here.test', plaintextLogin: true, ...how.options },
  });
  const connect = (): Duplex => {
    const [client, far] = duplexPair();
    const peer = { ip: '192.0.2.9', port: 40_000 };
    server.serve(new Connection(far, { clock, peer, local: { ip: '192.0.2.1', port: 110 } }));
    return client;
  };
  return { server, connect };
}
