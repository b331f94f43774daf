/** For tests of delivery: SMTP servers that follow a script, and a remote delivery that finds them by a zone. */
import { systemClock, type Clock } from '../base/clock.ts';
import { newEntryId, newMessageId } from '../base/ids.ts';
import type { Connection } from '../net/connection.ts';
import { listen, type Listener } from '../net/listener.ts';
import { createResolver, type Resolver } from '../net/resolver.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';
import { createZone, type ZoneRecord } from '../net/zone.ts';
import type { Attempt, AttemptRecipient } from '../queue/attempt.ts';
import type { QueuedMessage } from '../queue/message.ts';
import type { Bodies, StoredBody } from '../store/body.ts';
import { deliveryDefaults, type DeliveryOptions } from './options.ts';
import { RemoteDelivery, type RemoteParts } from './smtp/remote.ts';

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** Everything the clients said, a line each; texts as `<N bytes>` in front of their dot. */
  readonly heard: string[];
  readonly texts: string[];
  connections: number;
}

/** Answers a line; `undefined` says nothing. A text in DATA is handed as `.`, one of BDAT as its command line. */
export type Answerer = (
  line: string,
  connection: Connection,
  server: TestServer,
) => string | undefined | Promise<string | undefined>;

export interface ServerOptions {
  readonly extensions?: readonly string[];
  readonly banner?: string;
  readonly answer?: Answerer;
  /** Default 127.0.0.1 and any free port. */
  readonly host?: string;
  readonly port?: number;
}

/** Answers STARTTLS with these certificates, and all else as told. */
export function startTls(contexts: TlsContexts, more?: Answerer): Answerer {
  return async (line, connection, server) => {
    if (line !== 'STARTTLS') return more?.(line, connection, server);
    connection.write('220 Go\r\n');
    await connection.startTls({ is: 'server', contexts }).catch(() => undefined);
    return '';
  };
}

/** What a friendly server says, where the script leaves it out. */
function friendly(line: string, extensions: readonly string[]): string | undefined {
  const verb = line.slice(0, 4).toUpperCase();
  if (verb === 'EHLO' || verb === 'LHLO') {
    const lines = ['mx.test', ...extensions];
    return lines.map((text, i) => `250${i === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n');
  }
  if (verb === 'DATA') return '354 Go ahead';
  if (verb === 'QUIT') return '221 2.0.0 Bye';
  if (verb === '.' || verb === 'BDAT') return '250 2.0.0 Taken';
  return '250 2.0.0 OK';
}

export async function testServer(options: ServerOptions = {}): Promise<TestServer> {
  const heard: string[] = [];
  const texts: string[] = [];
  const extensions = options.extensions ?? ['PIPELINING', '8BITMIME', 'SIZE 100000000'];
  const listener: Listener = await listen(
    { host: options.host ?? '127.0.0.1', port: options.port ?? 0, clock: systemClock },
    (connection) => {
      server.connections += 1;
      void converse(connection);
    },
  );
  const server: TestServer = {
    port: listener.address.port,
    heard,
    texts,
    connections: 0,
    [Symbol.asyncDispose]: async () => {
      await listener.close();
    },
  };
  async function converse(connection: Connection): Promise<void> {
    let rest = Buffer.alloc(0);
    let mode: 'line' | 'text' | number = 'line';
    let bdat = '';
    let work: Promise<void> = Promise.resolve();
    const say = (reply: string | undefined): void => {
      if (reply !== undefined) connection.write(`${reply}\r\n`);
    };
    const take = async (line: string): Promise<void> => {
      heard.push(line);
      const answer = (await options.answer?.(line, connection, server)) ?? friendly(line, extensions);
      if (answer === '') return;
      say(answer);
      if (line === 'DATA' && answer?.startsWith('354')) mode = 'text';
      if (line === 'QUIT') connection.end();
    };
    const parse = async (): Promise<void> => {
      for (;;) {
        if (mode === 'text') {
          const end = rest.indexOf('\r\n.\r\n');
          const empty = rest.indexOf('.\r\n') === 0;
          if (end === -1 && !empty) return;
          texts.push(empty ? '' : rest.toString('latin1', 0, end + 2));
          rest = rest.subarray(empty ? 3 : end + 5);
          mode = 'line';
          await take('.');
        } else if (typeof mode === 'number') {
          if (rest.length < mode) return;
          texts.push(rest.toString('latin1', 0, mode));
          rest = rest.subarray(mode);
          mode = 'line';
          await take(bdat);
        } else {
          const end = rest.indexOf('\r\n');
          if (end === -1) return;
          const line = rest.toString('utf8', 0, end);
          rest = rest.subarray(end + 2);
          const size = /^BDAT (\d+)/.exec(line)?.[1];
          if (size === undefined) await take(line);
          else {
            bdat = line;
            mode = Number(size);
          }
        }
      }
    };
    say(options.banner ?? '220 mx.test ESMTP');
    connection.onData((chunk) => {
      rest = Buffer.concat([rest, chunk]);
      work = work.then(parse);
    });
  }
  return server;
}

export const noBodies: Bodies = {
  writer: () => {
    throw new Error('no bodies here');
  },
  read: async (body) => (body.is === 'inline' ? body.bytes : Promise.reject(new Error('no files here'))),
  stream: async function* (body) {
    if (body.is === 'inline') yield body.bytes;
  },
};

export function testResolver(records: readonly ZoneRecord[], clock: Clock = systemClock): Resolver {
  return createResolver({ clock, zone: createZone({ records, apexes: ['test'] }), servers: [] });
}

/** The same resolver, but for some of its answers. */
export function withAnswers(resolver: Resolver, answers: Partial<Resolver>): Resolver {
  return new Proxy(resolver, {
    get: (target, name) => {
      const key = name as keyof Resolver;
      return answers[key] ?? target[key].bind(target);
    },
  });
}

export const testOptions = (options: Partial<DeliveryOptions> = {}): DeliveryOptions => ({
  ...deliveryDefaults,
  hostname: 'here.test',
  allowPrivateAddresses: true,
  ...options,
});

/** `there.test` has its MX on 127.0.0.1 at this port. */
export function remoteTo(
  port: number,
  options: Partial<DeliveryOptions> = {},
  records: readonly ZoneRecord[] = [],
  more: Partial<RemoteParts> = {},
): RemoteDelivery {
  const zone: ZoneRecord[] = [
    { name: 'there.test', type: 'MX', data: '10 mx.there.test' },
    { name: 'mx.there.test', type: 'A', data: '127.0.0.1' },
    ...records,
  ];
  return new RemoteDelivery({
    clock: systemClock,
    resolver: testResolver(zone),
    bodies: noBodies,
    options: testOptions({ smtpPort: port, ...options }),
    ...more,
  });
}

export interface TestAttempt extends Partial<Omit<QueuedMessage, 'id'>> {
  readonly text?: string | Buffer;
  readonly site: string;
  readonly recipient?: Partial<AttemptRecipient>;
  readonly connectionsMax?: number;
  readonly leaseValid?: () => boolean;
  readonly stored?: StoredBody;
}

export function testAttempt(to: readonly string[], options: TestAttempt): Attempt {
  const {
    text = 'Subject: Hello\r\n\r\nHello\r\n',
    site,
    recipient,
    connectionsMax = 5,
    leaseValid = () => true,
    stored,
    ...message
  } = options;
  const id = newMessageId(systemClock);
  const nowMs = systemClock.nowMs();
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text, 'latin1');
  return {
    site,
    connectionsMax,
    leaseValid,
    body: () => stored ?? { is: 'inline', bytes },
    message: {
      id,
      org: '',
      account: '',
      stream: 'transactional',
      campaign: '',
      sender: 'sender@here.test',
      language: 'en',
      envid: '',
      ret: '',
      bodyKind: '7bit',
      smtpUtf8: false,
      requireTls: false,
      priority: 0,
      acceptedAtMs: nowMs,
      notBeforeMs: nowMs,
      expiresAtMs: nowMs + 432_000_000,
      sizeBytes: bytes.length,
      headerMessageId: '',
      subject: '',
      ...message,
    },
    recipients: to.map((address, i) => ({
      id: newEntryId(id, i),
      address,
      orcpt: '',
      notify: [],
      destination: address.slice(address.lastIndexOf('@') + 1),
      try: 1,
      ...recipient,
    })),
  };
}

/** Routes and delivers. */
export async function deliverTo(
  remote: RemoteDelivery,
  to: readonly string[],
  options: Partial<TestAttempt> = {},
) {
  const { site } = await remote.route(to[0]!.slice(to[0]!.lastIndexOf('@') + 1));
  return remote.deliver(testAttempt(to, { ...options, site }));
}
