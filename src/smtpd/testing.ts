/** A server for tests, reached without a network. */
import { duplexPair, type Duplex } from 'node:stream';
import { systemClock, type Clock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import type { IntakeParts } from '../intake/intake.ts';
import type { IntakeOptions } from '../intake/options.ts';
import { testIntake, type TestIntake } from '../intake/testing.ts';
import { Connection } from '../net/connection.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';
import type { Guard } from './guard.ts';
import { smtpdDefaults, type ListenerKind, type SmtpdOptions } from './options.ts';
import { SmtpServer } from './server.ts';

export interface TestServerOptions {
  readonly options?: Partial<SmtpdOptions>;
  readonly intake?: Partial<IntakeOptions>;
  readonly parts?: Partial<IntakeParts>;
  readonly tls?: TlsContexts;
  readonly clock?: Clock;
  readonly peerIp?: string;
  readonly guard?: Guard;
}

export interface TestServer extends TestIntake {
  readonly server: SmtpServer;
  /** A new connection. */
  readonly connect: () => Duplex;
}

export function testServer(kind: ListenerKind, how: TestServerOptions = {}): TestServer {
  const within = testIntake(how.intake, how.parts);
  const clock = how.clock ?? systemClock;
  const server = new SmtpServer({
    kind,
    options: { ...smtpdDefaults, hostName: 'mx.here.test', ...how.options },
    intake: within.intake,
    directory: within.directory,
    clock,
    log: silentLog,
    metrics: noMetrics,
    ...(how.tls && { tls: how.tls }),
    ...(how.guard && { guard: how.guard }),
  });
  const connect = (): Duplex => {
    const [client, far] = duplexPair();
    const peer = { ip: how.peerIp ?? '192.0.2.9', port: 40_000 };
    server.serve(new Connection(far, { clock, peer, local: { ip: '192.0.2.1', port: 25 } }));
    return client;
  };
  return { ...within, server, connect };
}
