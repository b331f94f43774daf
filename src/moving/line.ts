/** A connection to a server of old, by IMAP or POP3: where it is, how it is encrypted, who logs in. */
import type { Clock } from '../base/clock.ts';
import type { Connection } from '../net/connection.ts';
import type { Resolver } from '../net/resolver.ts';
import { dialService } from '../net/service-dial.ts';

export interface ServerPlace {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** Take any certificate. */
  readonly anyCertificate: boolean;
  /** PEM certificates that are trusted instead of the system's. */
  readonly ca?: readonly string[];
}

export interface ServerLogin {
  readonly user: string;
  /** Or an access token of OAuth 2.0: see `byToken`. */
  readonly password: string;
  readonly byToken?: boolean;
  /** Whose mail it is, where `user` is an administrator who may act for others (the authorization identity of SASL). */
  readonly as?: string;
}

export interface LineParts {
  readonly clock: Clock;
  readonly resolver: Pick<Resolver, 'a' | 'aaaa'>;
}

/** The connection is gone or cannot be made: another one may do. */
export class LineLost extends Error {
  override readonly name = 'LineLost';
}

/** The server says no: trying again will not help. */
export class ServerRefusal extends Error {
  override readonly name = 'ServerRefusal';
}

const connectWithinMs = 30_000;
/** Nothing comes and nothing can be sent for so long: the server, or the way to it, is gone. */
const silentMaxMs = 180_000;
const outgoingMaxBytes = 1024 * 1024;

export async function connectTo(place: ServerPlace, parts: LineParts): Promise<Connection> {
  const address = { is: 'tcp', host: place.host, port: place.port } as const;
  const wish = { timeoutMs: connectWithinMs, outgoingMaxBytes };
  try {
    const connection = await dialService(parts, address, wish);
    connection.setIdle(silentMaxMs);
    if (place.tls === 'implicit') await encrypt(connection, place);
    return connection;
  } catch (error) {
    if (error instanceof ServerRefusal) throw error;
    throw new LineLost(`${place.host}:${place.port}: ${(error as Error).message}`, { cause: error });
  }
}

/** A certificate that does not hold is no reason to try again. */
export async function encrypt(connection: Connection, place: ServerPlace): Promise<void> {
  const { host, anyCertificate, ca } = place;
  const how = { is: 'client', servername: host, verify: !anyCertificate, ...(ca && { ca }) } as const;
  try {
    await connection.startTls(how);
  } catch (error) {
    const { reason, message } = error as { reason?: string; message: string };
    if (reason !== 'certificate') throw error;
    throw new ServerRefusal(
      `the certificate of ${host} does not hold: ${message} (see --ca, --any-certificate)`,
      {
        cause: error,
      },
    );
  }
}

/** What Google and Microsoft take: XOAUTH2, or its standard form (RFC 7628). */
export function tokenResponse({ user, password }: ServerLogin, mechanism: 'XOAUTH2' | 'OAUTHBEARER'): string {
  const start =
    mechanism === 'XOAUTH2' ? `user=${user}` : `n,a=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},`;
  return Buffer.from(`${start}\x01auth=Bearer ${password}\x01\x01`).toString('base64');
}

/** SASL PLAIN (RFC 4616). */
export const plainResponse = ({ user, password, as = '' }: ServerLogin): string =>
  Buffer.from(`${as}\0${user}\0${password}`).toString('base64');
