/**
 * The gate of the admin API. Every route names what it takes to call it; one that names nothing is closed. A route with `:org` in its path is
 * open to callers of that organisation and of all: for others the organisation does not exist.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../../directory/actor.ts';
import type { Permission } from '../../directory/permission.ts';
import type { HttpParts } from '../parts.ts';
import { ownPageHeader } from '../session/cookie.ts';
import { actorOf, callerOf, type Caller, type Origin } from './caller.ts';

/** `anyone`: whoever is known. `password`: an account by its own password. `operator`: a caller of all organisations. */
export type Access = Permission | 'anyone' | 'password' | 'operator';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    caller: Caller | undefined;
  }
}

/** Who sends a request, or a Refusal. The one place where requests become callers, by whatever they bring. */
export type Identify = (request: FastifyRequest) => Promise<Caller>;

export const identifier =
  (parts: Pick<HttpParts, 'directory'>, originOf: (request: FastifyRequest) => Origin): Identify =>
  (request) =>
    callerOf(parts.directory, originOf(request), request);

/** The `preValidation` hook of all routes of the API: nobody learns what is valid before they may call. */
export function gate(parts: Pick<HttpParts, 'directory'>, identify: Identify) {
  return async (request: FastifyRequest): Promise<void> => {
    if (request.headers['sec-fetch-site'] === 'cross-site')
      throw new Refusal('notAllowed', 'called from another site');
    const caller = await identify(request);
    request.caller = caller;
    const { access } = request.routeOptions.config;
    if (!mayCall(caller, access)) throw new Refusal('notAllowed', `needs ${access ?? 'more'}`);
    const { org } = request.params as { org?: string };
    if (org !== undefined) await checkOrg(parts, caller, org as OrgId);
  };
}

function mayCall(caller: Caller, access: Access | undefined): boolean {
  if (access === undefined) return false;
  if (access === 'anyone') return true;
  if (access === 'password') return caller.byPassword;
  if (access === 'operator') return caller.org === undefined && caller.full;
  return caller.permissions.has(access);
}

async function checkOrg(
  { directory }: Pick<HttpParts, 'directory'>,
  caller: Caller,
  org: OrgId,
): Promise<void> {
  const inside = caller.org === undefined ? (await directory.org(org)) !== undefined : caller.org === org;
  if (!inside) throw new Refusal('notFound', 'no such organisation');
}

/** The caller of a request that has passed the gate. */
export function callerIn(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error('a route outside the gate asks for its caller');
  return request.caller;
}

export function actorIn(request: FastifyRequest): Actor {
  return actorOf(callerIn(request));
}

/** What a caller without credentials is told to bring (RFC 9110, 11.6.1). Our own page is not: the browser would ask with a window of its own. */
export function challenge(request: FastifyRequest, reply: FastifyReply): void {
  if (request.headers[ownPageHeader] !== undefined) return;
  reply.header('www-authenticate', 'Bearer realm="hikyaku", Basic realm="hikyaku", charset="UTF-8"');
}
