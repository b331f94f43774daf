/** STARTTLS on a connection: whether TLS came about. Why not is for the log. */
import type { Log } from '../base/log.ts';
import type { Connection } from '../net/connection.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';

interface How {
  readonly log: Log;
  /** The client is asked for a certificate. */
  readonly asksCertificate: boolean;
}

export async function startTls(
  connection: Connection,
  contexts: TlsContexts,
  { log, asksCertificate }: How,
): Promise<boolean> {
  try {
    await connection.startTls({ is: 'server', contexts, asksCertificate });
    return true;
  } catch (error) {
    log.info({ peer: connection.peer.ip, error: String(error) }, 'TLS failed');
    return false;
  }
}
