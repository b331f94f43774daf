/** The Session resource (RFC 8620, 2). */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { JmapAccess } from './access.ts';
import type { Answer, Capability, JmapUser } from './method.ts';

export const paths = {
  api: '/jmap/api',
  session: '/jmap/session',
  download: '/jmap/download/:accountId/:blobId/:name',
  upload: '/jmap/upload/:accountId/',
} as const;

export class Sessions {
  readonly #access: JmapAccess;
  readonly #capabilities: readonly Capability[];

  constructor(access: JmapAccess, capabilities: readonly Capability[]) {
    this.#access = access;
    this.#capabilities = capabilities;
  }

  async session(user: JmapUser, base: string): Promise<Answer> {
    const known = await this.#described(user, base);
    return {
      ...known,
      username: user.address,
      apiUrl: `${base}${paths.api}`,
      downloadUrl: `${base}/jmap/download/{accountId}/{blobId}/{name}?type={type}`,
      uploadUrl: `${base}/jmap/upload/{accountId}/`,
      eventSourceUrl: `${base}/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}`,
      state: await this.state(user),
    };
  }

  /** Changes when anything the session says does. */
  async state(user: JmapUser): Promise<string> {
    return stateOf(await this.#described(user, ''));
  }

  async #described(user: JmapUser, base: string): Promise<Answer> {
    const accounts: Record<string, Answer> = {};
    const primaryAccounts: Record<string, string> = {};
    for (const account of await this.#access.accounts(user)) {
      const accountCapabilities: Record<string, Answer> = {};
      for (const { uri, ofAccount } of this.#capabilities) {
        const value = await ofAccount?.(account, user);
        if (value === undefined) continue;
        accountCapabilities[uri] = value;
        if (account.isPersonal) primaryAccounts[uri] = account.id;
      }
      const { id, name, isPersonal, isReadOnly } = account;
      accounts[id] = { name, isPersonal, isReadOnly, accountCapabilities };
    }
    const capabilities: Record<string, Answer> = {};
    for (const { uri, ofServer } of this.#capabilities)
      if (ofServer !== undefined)
        capabilities[uri] = typeof ofServer === 'function' ? await ofServer(base) : ofServer;
    return { capabilities, accounts, primaryAccounts };
  }
}

const stateOf = (described: Answer): string =>
  createHash('sha256').update(JSON.stringify(described)).digest('base64url').slice(0, 16);

/** What the client has in front of its paths: the host it asked, by HTTPS unless the connection is plain. */
export function baseOf({ raw, headers }: FastifyRequest): string {
  const host = headers.host ?? '';
  if (!/^[A-Za-z0-9.:[\]-]{1,300}$/.test(host)) return '';
  const encrypted = (raw.socket as { encrypted?: boolean }).encrypted === true;
  const scheme = encrypted || headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  return `${scheme}://${host}`;
}
