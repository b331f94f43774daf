/** Which addresses are the owner's: what leads to the account, or may be used by it as a sender. */
import type { Directory } from '../../directory/directory.ts';
import type { Principal } from '../../directory/principal.ts';
import { flatten, formatAddrSpec, parseAddresses } from '../../proto/mime/address.ts';
import type { Arrival } from './arrival.ts';

/** Addresses of one message that are looked up. */
const lookedUpMax = 50;

export class OwnAddresses {
  readonly #directory: Pick<Directory, 'maySendAs'>;
  readonly #principal: Principal;
  readonly #asIs: readonly string[];

  constructor(directory: Pick<Directory, 'maySendAs'>, { account, org, name, recipient }: Arrival) {
    this.#directory = directory;
    this.#principal = { account, org, address: name, roles: [], credential: '' };
    this.#asIs = [name, recipient.address];
  }

  async has(address: string): Promise<boolean> {
    if (this.#asIs.some((own) => own.toLowerCase() === address.toLowerCase())) return true;
    return address !== '' && (await this.#directory.maySendAs(this.#principal, address));
  }

  /** Those of the addresses that are the owner's, with those by which the message came. */
  async among(addresses: readonly string[]): Promise<readonly string[]> {
    const own: string[] = [...this.#asIs];
    for (const address of new Set(addresses.slice(0, lookedUpMax)))
      if (await this.has(address)) own.push(address);
    return own;
  }

  /** A `:from` of a script as it may be used: nobody signs with an address that is not theirs. */
  async allowed(from: string | undefined): Promise<string | undefined> {
    const [mailbox] = from === undefined ? [] : flatten(parseAddresses(from));
    return mailbox && (await this.has(formatAddrSpec(mailbox))) ? from : undefined;
  }
}
