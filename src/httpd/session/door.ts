/** What all of signing in shares: who is signed in, where a request comes from, and the opening of a session. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { permissionsOf } from '../../directory/permission.ts';
import { callerOf, type Caller, type Origin } from '../admin-api/caller.ts';
import type { Given } from '../admin-api/contract.ts';
import type { Person } from '../admin-api/contract-session.ts';
import type { HttpParts } from '../parts.ts';
import { fromOwnPage, sessionToken, setCookie } from './cookie.ts';

export type OriginOf = (request: FastifyRequest) => Origin;
type Parts = Pick<HttpParts, 'directory'>;

/** The caller of a request that a signed-in browser makes. Refusal: authenticationRequired, notAllowed. */
export async function signedIn(parts: Parts, originOf: OriginOf, request: FastifyRequest): Promise<Caller> {
  const caller = await callerOf(parts.directory, originOf(request), request);
  if (caller.session === '') throw new Refusal('authenticationRequired', 'no session');
  return caller;
}

export async function ownAccount({ directory }: Parts, caller: Caller) {
  const found = await directory.account(caller.account as AccountId);
  if (!found) throw new Refusal('notFound', 'no account');
  return { account: found.id, org: found.org };
}

/** Where a request of our own page comes from. Refusal: another page has made it, or it would cross the network in clear. */
export function fromPage(request: FastifyRequest, originOf: OriginOf): Origin {
  const origin = originOf(request);
  if (!fromOwnPage(request)) throw new Refusal('notAllowed', 'not called from a page of this server');
  if (!origin.confidential)
    throw new Refusal('encryptionRequired', 'use HTTPS: passwords are not taken without TLS');
  return origin;
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly origin: Origin;
}

interface Proved {
  readonly account: AccountId;
  readonly org: Parameters<HttpParts['directory']['sessions']['open']>[0]['org'];
  readonly remember: boolean;
  readonly proved: string;
}

/** Opens a session and gives the browser its cookie; the session that the browser had is ended. Gives the new one's id. */
export async function welcome(parts: Parts, exchange: Exchange, proved: Proved): Promise<string> {
  const { request, reply, origin } = exchange;
  await endCurrent(parts, request, origin);
  const opened = await parts.directory.sessions.open({
    account: proved.account,
    org: proved.org,
    remember: proved.remember,
    proved: proved.proved,
    ip: origin.ip,
    userAgent: request.headers['user-agent'] ?? '',
  });
  reply.header('set-cookie', setCookie(opened.token, origin, opened.maxAgeSeconds));
  return opened.id;
}

export async function personOf(
  { directory }: Parts,
  account: AccountId,
  session: string,
): Promise<Given<Person>> {
  const found = await directory.account(account);
  if (!found) throw new Refusal('authenticationRequired', 'no account');
  const { name: address, displayName, language, org, roles } = found;
  const its = await directory.org(org);
  const operator = its?.operator === true && (roles.includes('owner') || roles.includes('admin'));
  const permissions = [...permissionsOf(roles)];
  const facts = { address, displayName, language, org, orgName: its?.name ?? '', operator, permissions };
  return { is: 'signedIn', account, session, ...facts, roles: [...roles] };
}

export async function endCurrent(
  { directory }: Parts,
  request: FastifyRequest,
  origin: Origin,
): Promise<void> {
  const token = sessionToken(request.headers.cookie, origin);
  const found = token === undefined ? undefined : await directory.sessions.holder(token, origin.ip);
  if (!found) return;
  const { id, account, org } = found.session;
  await directory.sessions
    .end({ by: `account:${account}`, ip: origin.ip }, { id, account, org })
    .catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
    });
}
