/** Signing in and out by a browser: `/api/v1/session`. Brakes on guessing are the directory's. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { permissionsOf } from '../../directory/permission.ts';
import { actorOf, callerOf, type Caller, type Origin } from '../admin-api/caller.ts';
import type { App } from '../admin-api/app.ts';
import { answer, nothing, problem, type Given } from '../admin-api/contract.ts';
import {
  endedSessions,
  sessionState,
  signIn,
  webSessions,
  type Person,
} from '../admin-api/contract-session.ts';
import type { HttpParts } from '../parts.ts';
import { fromOwnPage, sessionToken, setCookie } from './cookie.ts';

const tags = ['session'];
const base = '/api/v1/session';
const failures = { '4xx': problem, '5xx': problem };

export type OriginOf = (request: FastifyRequest) => Origin;
type Parts = Pick<HttpParts, 'directory'>;

export function sessionRoutes(app: App, parts: Parts, originOf: OriginOf): void {
  app.get(
    base,
    {
      schema: {
        tags,
        summary: 'Who is signed in with this browser',
        response: { 200: answer(sessionState), ...failures },
      },
    },
    async (request) => {
      const caller = await signedIn(parts, originOf, request).catch(() => undefined);
      return caller
        ? personOf(parts, caller.account as AccountId, caller.session)
        : { is: 'signedOut' as const };
    },
  );

  app.post(
    base,
    {
      schema: {
        tags,
        summary: 'Signs in',
        body: signIn,
        response: { 200: answer(sessionState), ...failures },
      },
    },
    async (request, reply) => {
      const origin = fromPage(request, originOf);
      const { name, password, remember = false } = request.body;
      const principal = await parts.directory.login(name, password, { service: 'http', ip: origin.ip });
      if (principal.credential !== 'password')
        throw new Refusal('authenticationFailed', 'an app password does not sign in');
      const proved = { ...principal, remember, proved: 'password' };
      const session = await welcome(parts, { request, reply, origin }, proved);
      return personOf(parts, principal.account, session);
    },
  );

  app.delete(
    base,
    { schema: { tags, summary: 'Signs out', response: { 204: nothing, ...failures } } },
    async (request, reply) => {
      const origin = fromPage(request, originOf);
      await endCurrent(parts, request, origin);
      return reply
        .code(204)
        .header('set-cookie', setCookie('', origin, 0))
        .send();
    },
  );
  listRoutes(app, parts, originOf);
}

function listRoutes(app: App, parts: Parts, originOf: OriginOf): void {
  const { sessions } = parts.directory;

  app.get(
    '/api/v1/sessions',
    {
      schema: {
        tags,
        summary: 'Browsers that are signed in with one’s account',
        response: { 200: answer(webSessions), ...failures },
      },
    },
    async (request) => {
      const caller = await signedIn(parts, originOf, request);
      const found = await sessions.list(caller.account as AccountId);
      return { items: found.map((each) => ({ ...each, current: each.id === caller.session })) };
    },
  );

  app.delete(
    '/api/v1/sessions/:id',
    {
      schema: {
        tags,
        summary: 'Signs out one browser',
        params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
        response: { 204: nothing, ...failures },
      },
    },
    async (request, reply) => {
      const caller = await signedIn(parts, originOf, request);
      await sessions.end(actorOf(caller), { ...(await ownAccount(parts, caller)), id: request.params.id });
      return reply.code(204).send();
    },
  );

  app.post(
    '/api/v1/sessions/end-others',
    {
      schema: {
        tags,
        summary: 'Signs out all other browsers',
        response: { 200: answer(endedSessions), ...failures },
      },
    },
    async (request) => {
      const caller = await signedIn(parts, originOf, request);
      const account = await ownAccount(parts, caller);
      return { count: await sessions.endOthers(actorOf(caller), { ...account, id: caller.session }) };
    },
  );
}

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

async function personOf({ directory }: Parts, account: AccountId, session: string): Promise<Given<Person>> {
  const found = await directory.account(account);
  if (!found) throw new Refusal('authenticationRequired', 'no account');
  const { name: address, displayName, language, org, roles } = found;
  const its = await directory.org(org);
  const operator = its?.operator === true && (roles.includes('owner') || roles.includes('admin'));
  const permissions = [...permissionsOf(roles)];
  const facts = { address, displayName, language, org, orgName: its?.name ?? '', operator, permissions };
  return { is: 'signedIn', account, session, ...facts, roles: [...roles] };
}

async function endCurrent({ directory }: Parts, request: FastifyRequest, origin: Origin): Promise<void> {
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
