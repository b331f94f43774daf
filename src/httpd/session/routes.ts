/** Signing in and out by a browser: `/api/v1/session`. Brakes on guessing are the directory's. */
import * as Type from 'typebox';
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { actorOf } from '../admin-api/caller.ts';
import type { App } from '../admin-api/app.ts';
import { answer, nothing, problem } from '../admin-api/contract.ts';
import {
  endedSessions,
  sessionState,
  signIn,
  signInAnswer,
  webSessions,
} from '../admin-api/contract-session.ts';
import type { HttpParts } from '../parts.ts';
import { setCookie } from './cookie.ts';
import { endCurrent, fromPage, ownAccount, personOf, signedIn, welcome, type OriginOf } from './door.ts';
import { askedFor } from './second-step.ts';

const tags = ['session'];
const base = '/api/v1/session';
const failures = { '4xx': problem, '5xx': problem };

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
        response: { 200: answer(signInAnswer), ...failures },
      },
    },
    async (request, reply) => {
      const origin = fromPage(request, originOf);
      const { name, password, remember = false } = request.body;
      const principal = await parts.directory.login(name, password, { service: 'http', ip: origin.ip });
      if (principal.credential !== 'password')
        throw new Refusal('authenticationFailed', 'an app password does not sign in');
      const more = await askedFor(parts, request, origin, { ...principal, remember });
      if (more) return more;
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
