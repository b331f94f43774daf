/** For tests of engines: services that say what a test wants, and mail to show them. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { systemClock } from '../base/clock.ts';
import { newMessageId } from '../base/ids.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import type { ServiceAddress, ServiceDialer } from '../net/service-dial.ts';
import { GuardedCheck } from './guarded-check.ts';
import type { Check, CheckedMail, Found } from './check.ts';
import type { Failure } from './verdict.ts';

export interface TestService extends AsyncDisposable {
  readonly address: ServiceAddress;
  /** What each connection has said, in order of connections. */
  readonly heard: string[];
  connections(): number;
}

/** `serve` gets each connection and all that it has said so far, whenever it says more, and once more when it has ended. */
export async function testService(
  serve: (socket: Socket, heard: string, ended: boolean) => void,
): Promise<TestService> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const index = heard.push('') - 1;
    sockets.add(socket.on('error', () => undefined));
    socket.on('data', (chunk: Buffer) => {
      heard[index] += chunk.toString('latin1');
      serve(socket, heard[index]!, false);
    });
    socket.on('end', () => {
      serve(socket, heard[index]!, true);
      socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: { is: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    heard,
    connections: () => heard.length,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export const testDialer: ServiceDialer = {
  clock: systemClock,
  resolver: { a: nobody, aaaa: nobody },
};

async function nobody(name: string): ReturnType<ServiceDialer['resolver']['a']> {
  const step = { name, type: 'A' as const, answer: ['NXDOMAIN'], ms: 0 };
  return { is: 'nxDomain', canonicalName: name, authenticated: false, ttlSeconds: 0, step };
}

export function testMail(more: Partial<CheckedMail> = {}, header = 'From: bob@there.test\r\n'): CheckedMail {
  const bytes = Buffer.from(header);
  return {
    id: newMessageId(systemClock),
    direction: 'in',
    ip: '192.0.2.1',
    helo: 'there.test',
    tls: null,
    sender: 'bob@there.test',
    to: [{ address: 'alice@here.test', org: 'org', account: '' }],
    header: bytes,
    block: parseHeaders(bytes),
    ...more,
  };
}

/** Shows the mail to one check, as the chain does. */
export async function shown(
  check: Check,
  mail: CheckedMail,
  body: readonly (string | Buffer)[],
): Promise<{ readonly found: Found; readonly failure: Failure | undefined }> {
  const running = new GuardedCheck(check, mail, systemClock);
  for (const chunk of body) await running.body(Buffer.from(chunk));
  const found = await running.finish({ content: { parts: [], texts: [] }, findings: [] });
  return { found, failure: running.failure };
}
