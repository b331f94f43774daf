/** Signing in by an identity provider, for browsers: out to it, and back with proof. See oidc.ts. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import { Refusal } from '../../base/refusal.ts';
import type { Origin } from '../admin-api/caller.ts';
import type { App } from '../admin-api/app.ts';
import { answer, nothing, problem } from '../admin-api/contract.ts';
import { oidcProviders } from '../admin-api/contract-session.ts';
import type { HttpParts } from '../parts.ts';
import { oidcCookie, oidcTicket } from './cookie.ts';
import { welcome, type OriginOf } from './door.ts';
import { OidcDoor, type OidcFacts, type OidcProvider } from './oidc.ts';

const tags = ['session'];
const failures = { '4xx': problem, '5xx': problem };
export const oidcBase = '/api/v1/session/oidc';
/** From going out to coming back: people look for their telephones meanwhile. */
const awayMaxMs = 10 * 60_000;
const targetMax = 2000;

type Parts = Pick<HttpParts, 'directory' | 'oidc' | 'clock' | 'log'>;

export function oidcRoutes(app: App, parts: Parts, originOf: OriginOf): void {
  const door = new OidcDoor(parts.oidc, parts.clock);
  const params = Type.Object({ name: Type.String({ maxLength: 100 }) });

  app.get(
    oidcBase,
    {
      schema: {
        tags,
        summary: 'Identity providers that people may sign in with',
        response: { 200: answer(oidcProviders), ...failures },
      },
    },
    async () => ({ items: [...door.list] }),
  );

  app.get(
    `${oidcBase}/:name`,
    {
      schema: {
        tags,
        summary: 'Leads the browser to an identity provider',
        params,
        querystring: Type.Object({ to: Type.Optional(Type.String({ maxLength: targetMax })) }),
        response: { 302: nothing, ...failures },
      },
    },
    async (request, reply) => {
      const origin = confidential(originOf(request));
      try {
        const provider = door.named(request.params.name);
        const callback = hereOf(request, origin, provider);
        const { url, facts } = await door.begin(provider, { callback, to: ownPath(request.query.to) });
        const ticket = await parts.directory.tickets.make(facts, awayMaxMs);
        reply.header('set-cookie', oidcCookie(ticket, origin, awayMaxMs / 1000));
        return await reply.redirect(url, 302);
      } catch (error) {
        return backToDoor(parts, reply, { error, origin });
      }
    },
  );

  app.get(
    `${oidcBase}/:name/callback`,
    {
      schema: {
        tags,
        summary: 'Where an identity provider leads the browser back to',
        params,
        querystring: Type.Record(Type.String(), Type.String({ maxLength: targetMax })),
        response: { 303: nothing, ...failures },
      },
    },
    async (request, reply) => {
      const origin = confidential(originOf(request));
      try {
        const to = await comeBack(parts, door, { request, reply, origin });
        return await reply.redirect(to, 303);
      } catch (error) {
        return backToDoor(parts, reply, { error, origin });
      }
    },
  );
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly origin: Origin;
}

/** Opens a session for who is proved; gives where they wanted to be. */
async function comeBack(parts: Parts, door: OidcDoor, exchange: Exchange): Promise<string> {
  const { directory } = parts;
  const { request, reply, origin } = exchange;
  const provider = door.named((request.params as { name: string }).name);
  const ticket = oidcTicket(request.headers.cookie, origin);
  if (ticket === undefined)
    throw new Refusal('authenticationFailed', 'this browser has not begun to sign in');
  const facts = await directory.tickets.read<OidcFacts>(ticket);
  if (facts.is !== 'oidc' || facts.provider !== provider.name)
    throw new Refusal('authenticationFailed', 'another ticket');
  await directory.tickets.use(ticket);
  const { search } = new URL(request.url, 'http://here.invalid');
  const email = await door.finish(provider, facts, new URL(hereOf(request, origin, provider) + search));
  const account = await directory.accountOfLogin(email);
  if (!account || account.disabled) throw new Refusal('notFound', 'nobody has that address');
  const proved = { account: account.id, org: account.org, remember: false, proved: `oidc ${provider.name}` };
  await welcome(parts, exchange, proved);
  const session = reply.getHeader('set-cookie') as string;
  reply.removeHeader('set-cookie');
  reply.header('set-cookie', [session, oidcCookie('', origin, 0)]);
  return ownPath(facts.to);
}

function confidential(origin: Origin): Origin {
  if (!origin.confidential) throw new Refusal('encryptionRequired', 'use HTTPS: nobody signs in without TLS');
  return origin;
}

/** The address that the provider leads back to, as the browser knows this server. */
function hereOf({ headers }: FastifyRequest, { secure }: Origin, provider: OidcProvider): string {
  const host = (headers.host ?? '').toLowerCase();
  if (!/^[a-z0-9.:[\]-]+$/.test(host)) throw new Refusal('invalid', 'not a host name');
  return `${secure ? 'https' : 'http'}://${host}${oidcBase}/${encodeURIComponent(provider.name)}/callback`;
}

/** Only paths of this server: whoever makes a link must not lead people elsewhere through it. */
export function ownPath(to: string | undefined): string {
  if (to === undefined || !/^\/(?![/\\])/.test(to)) return '/';
  const base = 'http://here.invalid';
  if (!URL.canParse(to, base)) return '/';
  const url = new URL(to, base);
  return url.origin === base && !url.pathname.startsWith('//') ? url.pathname + url.search : '/';
}

/** People see the door again, with a word; what went wrong is in the log. */
function backToDoor(
  { log }: Parts,
  reply: FastifyReply,
  { error, origin }: { readonly error: unknown; readonly origin: Origin },
): FastifyReply {
  const reason = error instanceof Refusal ? error.reason : 'failed';
  log.info({ error: String(error), ip: origin.ip }, 'nobody was signed in by an identity provider');
  const word = { notFound: 'oidcUnknown', notAllowed: 'oidcUnverified', storageBusy: 'oidcAway' }[
    reason as string
  ];
  reply.header('set-cookie', oidcCookie('', origin, 0));
  return reply.redirect(`/sign-in?problem=${word ?? 'oidcFailed'}`, 303);
}
