/** Whether an address and port could be listened on, by trying: nobody is let in meanwhile. */
import { once } from 'node:events';
import { createServer } from 'node:net';

export type BindAnswer =
  | 'free'
  /** Somebody listens there. */
  | 'taken'
  /** Not for this user: ports below 1024, as a rule. */
  | 'denied'
  /** This machine does not have the address. */
  | 'noAddress'
  | 'failed';

const answers: Readonly<Record<string, BindAnswer>> = {
  EADDRINUSE: 'taken',
  EACCES: 'denied',
  EADDRNOTAVAIL: 'noAddress',
  EAFNOSUPPORT: 'noAddress',
  ENOTFOUND: 'noAddress',
};

export async function canBind(host: string, port: number): Promise<BindAnswer> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen({ host, port });
    await once(server, 'listening');
    const closed = once(server, 'close');
    server.close();
    await closed;
    return 'free';
  } catch (error) {
    return answers[(error as NodeJS.ErrnoException).code ?? ''] ?? 'failed';
  }
}
