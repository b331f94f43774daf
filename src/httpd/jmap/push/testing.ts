/** A JMAP server on a port, for clients that keep connections open, and a push service of the test's own. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import { systemClock } from '../../../base/clock.ts';
import { testAuthority } from '../../../net/testing-authority.ts';
import type { HttpParts } from '../../parts.ts';
import { startPushSender } from '../../push-sender.ts';
import { startHttp } from '../../server.ts';
import { openTestJmap, type TestJmap } from '../testing.ts';

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface PushServer extends AsyncDisposable {
  readonly jmap: TestJmap;
  readonly port: number;
  /** URL of the push service, which takes what is posted to it. */
  readonly service: string;
  /** What comes next there. */
  next(): Promise<Received>;
  /** What the service answers from now on. */
  answer(status: number): void;
  /** Stops the HTTP server. */
  stop(): Promise<void>;
  /** Using the capabilities of push. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests know what they asked for
  call(name: string, args?: object): Promise<any>;
}

export async function openPushServer(changed: Partial<HttpParts> = {}): Promise<PushServer> {
  const authority = await testAuthority('push');
  const { key, chain: cert } = await authority.issue({ names: ['push.test'] });
  const waiting: Received[] = [];
  const listeners: ((received: Received) => void)[] = [];
  let status = 201;
  const service = createServer({ key, cert }, (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      response.writeHead(status).end();
      const received = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(pieces) };
      const listener = listeners.shift();
      if (listener) listener(received);
      else waiting.push(received);
    });
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port: servicePort } = service.address() as { port: number };
  const jmap = await openTestJmap((_, parts) => ({
    clock: systemClock,
    pushTarget: {
      ...parts.pushTarget,
      clock: systemClock,
      ca: [authority.certificate],
      resolver: {
        a: async () => ({ is: 'records', records: ['127.0.0.1'], ttlSeconds: 1 }) as never,
        aaaa: async () => ({ is: 'records', records: [], ttlSeconds: 1 }) as never,
      },
    },
    ...changed,
  }));
  const sender = await startPushSender(jmap.api.parts);
  const http = await startHttp(jmap.api.parts, [{ is: 'tcp', host: '127.0.0.1', port: 0 }]);
  return {
    jmap,
    port: http.bound[0]!.port,
    service: `https://push.test:${servicePort}/for/me`,
    next: () =>
      waiting.length > 0
        ? Promise.resolve(waiting.shift()!)
        : new Promise((resolve) => {
            listeners.push(resolve);
          }),
    answer(next) {
      status = next;
    },
    stop: () => http.stop(),
    async call(name, args = {}) {
      const { methodResponses } = await jmap.request([[name, args]], {
        using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail', 'urn:ietf:params:jmap:contacts'],
      });
      return methodResponses[0][1];
    },
    async [Symbol.asyncDispose]() {
      await sender[Symbol.asyncDispose]();
      await http.stop();
      service.closeAllConnections();
      service.close();
      await jmap[Symbol.asyncDispose]();
    },
  };
}
