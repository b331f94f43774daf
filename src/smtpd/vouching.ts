/** Programs that need no login: their network, or the certificate they show, stands for one. Looked for once before and once under TLS. */
import type { Directory } from '../directory/directory.ts';
import type { Principal } from '../directory/principal.ts';
import type { Connection } from '../net/connection.ts';

export type ProgramDirectory = Partial<Pick<Directory, 'programAt' | 'asksForCertificates'>>;

export class Vouching {
  readonly #connection: Connection;
  readonly #directory: ProgramDirectory;
  /** Under TLS or not: undefined before. */
  #lookedFor: boolean | undefined;
  #asks = false;

  constructor(connection: Connection, directory: ProgramDirectory) {
    this.#connection = connection;
    this.#directory = directory;
  }

  /** Whether the client is asked for a certificate: known before STARTTLS, whose handshake may follow at once. */
  get asksCertificate(): boolean {
    return this.#asks;
  }

  /** Undefined: there is nothing to look for now. */
  look(): Promise<Principal | undefined> | undefined {
    const { tls } = this.#connection;
    if (this.#directory.programAt === undefined || this.#lookedFor === (tls !== null)) return undefined;
    this.#lookedFor = tls !== null;
    return this.#look(tls?.peerFingerprint() || undefined);
  }

  async #look(certificate: string | undefined): Promise<Principal | undefined> {
    this.#asks = (await this.#directory.asksForCertificates?.()) === true;
    return this.#directory.programAt?.(this.#connection.peer.ip, certificate);
  }
}
