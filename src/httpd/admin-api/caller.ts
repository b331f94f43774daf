/** Who calls, and what they may: from the control socket, an API key, an account's password, or a browser that is signed in. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AccountId, CredentialId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../../directory/actor.ts';
import type { Directory } from '../../directory/directory.ts';
import type { KeyScope } from '../../directory/entities.ts';
import { permissions, permissionsOf, type Permission } from '../../directory/permission.ts';
import type { Principal } from '../../directory/principal.ts';
import { fromOwnPage, sessionToken } from '../session/cookie.ts';

export interface Caller {
  /** `account:<id>`, `key:<id>`, `cli`. */
  readonly by: string;
  readonly ip: string;
  /** Undefined: every organisation. */
  readonly org: OrgId | undefined;
  readonly permissions: ReadonlySet<Permission>;
  /** Has all there is: an owner, or a key or socket with everything. */
  readonly full: boolean;
  readonly account: AccountId | '';
  readonly address: string;
  /** `password`, `app:<id>` or `key:<id>`, as limits of sending are counted; empty for nobody. */
  readonly credential: string;
  /** Logged in with the account's own password: may change passwords of its own. */
  readonly byPassword: boolean;
  /** May read and write the mail of `account`. */
  readonly mail: boolean;
  /** Id of the session of a signed-in browser, or empty. */
  readonly session: string;
}

const everything: ReadonlySet<Permission> = new Set(permissions);

/** What the connection says of the caller. */
export interface Origin {
  readonly ip: string;
  /** It came in by the control socket. */
  readonly control: boolean;
  /** Credentials may be sent on it. */
  readonly confidential: boolean;
  /** The browser is behind TLS: its cookie is for that alone. */
  readonly secure: boolean;
}

/** Of a request, what tells who calls. */
export interface Calling {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

export async function callerOf(directory: Directory, origin: Origin, calling: Calling): Promise<Caller> {
  const { ip } = origin;
  const { authorization } = calling.headers;
  if (origin.control) {
    const nobody = {
      account: '',
      address: '',
      credential: '',
      byPassword: false,
      mail: false,
      session: '',
    } as const;
    return { by: 'cli', ip: '', org: undefined, permissions: everything, full: true, ...nobody };
  }
  if (authorization === undefined) {
    const caller = await sessionCaller(directory, origin, calling);
    if (caller) return caller;
    throw new Refusal('authenticationRequired', 'no credentials');
  }
  if (!origin.confidential) {
    throw new Refusal(
      'encryptionRequired',
      'use HTTPS: credentials are taken without TLS from this machine only',
    );
  }
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return keyCaller(await directory.keyHolder(bearer, ip), ip);
  const basic = readBasic(authorization);
  if (!basic) throw new Refusal('authenticationFailed', 'neither Bearer nor Basic');
  const principal = await directory.login(basic.username, basic.password, { service: 'http', ip });
  if (principal.credential === 'password' && (await directory.factors.isOn(principal.account)))
    throw new Refusal('notAllowed', 'the account has a second factor: use an API key or an app password');
  return accountCaller(directory, principal, ip);
}

/** A browser that is signed in. Its cookie comes along by itself: what changes something must prove to be asked for by our own page. */
async function sessionCaller(
  directory: Directory,
  origin: Origin,
  calling: Calling,
): Promise<Caller | undefined> {
  const token = sessionToken(calling.headers.cookie, origin);
  if (token === undefined || !origin.confidential) return undefined;
  if (!fromOwnPage(calling)) throw new Refusal('notAllowed', 'not called from a page of this server');
  const found = await directory.sessions.holder(token, origin.ip);
  if (!found) return undefined;
  const { id: account, org, name: address, roles } = found.account;
  const principal: Principal = { account, org, address, roles, credential: 'password' };
  return { ...(await accountCaller(directory, principal, origin.ip)), session: found.session.id };
}

/** RFC 7617: user-id and password in UTF-8, split at the first colon. */
export function readBasic(authorization: string): { username: string; password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

interface Key {
  readonly id: CredentialId;
  readonly org: OrgId | '';
  readonly account: AccountId | '';
  readonly scopes: readonly KeyScope[];
}

function keyCaller({ id, org, account, scopes }: Key, ip: string): Caller {
  const full = scopes.includes('all');
  const has = full ? everything : new Set(permissions.filter((each) => scopes.includes(each)));
  const of = org === '' ? undefined : org;
  const mail = account !== '' && (full || scopes.includes('mail:http'));
  return {
    by: `key:${id}`,
    ip,
    org: of,
    permissions: has,
    full,
    account,
    address: '',
    credential: `key:${id}`,
    byPassword: false,
    mail,
    session: '',
  };
}

/** Owners and admins of the organisation that runs the server see all the others too. */
async function accountCaller(directory: Directory, principal: Principal, ip: string): Promise<Caller> {
  const { account, roles, address } = principal;
  const org = await directory.org(principal.org);
  const runsServer = org?.operator === true && (roles.includes('owner') || roles.includes('admin'));
  return {
    by: `account:${account}`,
    ip,
    org: runsServer ? undefined : principal.org,
    permissions: permissionsOf(roles),
    full: roles.includes('owner'),
    account,
    address,
    credential: principal.credential,
    byPassword: principal.credential === 'password',
    mail: true,
    session: '',
  };
}

/** As whom the directory's changes are made. Only a caller with everything everywhere is without limits. */
export function actorOf({ by, ip, org, permissions: has, full, account }: Caller): Actor {
  if (org === undefined && full) return { by, ip };
  return { by, ip, limits: { permissions: has, owner: full, account } };
}

export function isLoopbackIp(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.') || ip.startsWith('::ffff:127.');
}

export function isEncrypted(request: IncomingMessage): boolean {
  return (request.socket as { encrypted?: boolean }).encrypted === true;
}
