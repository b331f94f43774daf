/** Who calls the send API, and as whom they send: a key of an organisation or of the operator, an account by its password, or the control socket. */
import type { FastifyRequest } from 'fastify';
import type { CredentialId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { programOf } from '../../directory/application.ts';
import type { Directory } from '../../directory/directory.ts';
import type { SendLimits } from '../../directory/entities.ts';
import { permissionsOf, type Permission } from '../../directory/permission.ts';
import type { Principal } from '../../directory/principal.ts';
import { readBasic, type Origin } from '../admin-api/caller.ts';

export type SendPermission = Extract<Permission, 'send' | 'messages:read' | 'messages:manage'>;

export interface SendCaller {
  /** As in the audit log. */
  readonly by: string;
  readonly ip: string;
  /** Undefined: every organisation; which one is told by `Hikyaku-Org`, or by the domain of the sender. */
  readonly org: OrgId | undefined;
  may(permission: SendPermission): boolean;
  /** As whom a mail in this stream is sent from an address of this domain. Refusal. */
  principal(
    directory: Directory,
    wish: { readonly stream?: string; readonly domain: string },
  ): Promise<Principal>;
}

const everything = (): boolean => true;

/** Refusal: no credentials, wrong ones, or sent in the clear. */
export async function sendCallerOf(
  directory: Directory,
  origin: Origin,
  { headers }: Pick<FastifyRequest, 'headers'>,
): Promise<SendCaller> {
  const { ip } = origin;
  const named = headers['hikyaku-org'];
  const chosen = typeof named === 'string' ? (named as OrgId) : undefined;
  if (chosen !== undefined && (await directory.org(chosen)) === undefined)
    throw new Refusal('notFound', 'no such organisation');
  if (origin.control)
    return program({ id: 'cli', org: chosen, limits: {}, by: 'cli', ip: '', may: everything });
  const { authorization } = headers;
  if (authorization === undefined) throw new Refusal('authenticationRequired', 'no credentials');
  if (!origin.confidential)
    throw new Refusal(
      'encryptionRequired',
      'use HTTPS: credentials are taken without TLS from this machine only',
    );
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (bearer === undefined) return account(directory, authorization, ip);
  const { id, org, scopes, limits } = await directory.keyHolder(bearer, ip);
  const may = (permission: SendPermission): boolean => scopes.includes('all') || scopes.includes(permission);
  if (org !== '' && chosen !== undefined && chosen !== org)
    throw new Refusal('notFound', 'no such organisation');
  return program({ id, org: org === '' ? chosen : org, limits, by: `key:${id}`, ip, may });
}

interface Program extends Pick<SendCaller, 'by' | 'ip' | 'org' | 'may'> {
  readonly id: string;
  readonly limits: SendLimits;
}

function program({ id, limits, ...caller }: Program): SendCaller {
  return {
    ...caller,
    async principal(directory, { stream, domain }) {
      const org = caller.org ?? (await directory.orgOf(domain));
      if (org === undefined) throw new Refusal('senderNotAllowed', `${domain} is not ours`, { at: 'from' });
      const credential = { id: id as CredentialId, org, is: 'key', limits } as const;
      return programOf(credential, await directory.streams(org), stream);
    },
  };
}

async function account(directory: Directory, authorization: string, ip: string): Promise<SendCaller> {
  const basic = readBasic(authorization);
  if (!basic) throw new Refusal('authenticationFailed', 'neither Bearer nor Basic');
  const principal = await directory.login(basic.username, basic.password, { service: 'http', ip });
  const has = permissionsOf(principal.roles);
  return {
    by: `account:${principal.account}`,
    ip,
    org: principal.org,
    // Who may submit by SMTP may by HTTP, as themselves.
    may: (permission) => permission === 'send' || has.has(permission),
    principal: async () => principal,
  };
}
