/** The gate of the send API: who calls, whether they may, and how often. A route that names nothing is closed. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import type { Origin } from '../admin-api/caller.ts';
import type { HttpParts } from '../parts.ts';
import { sendCallerOf, type SendCaller, type SendPermission } from './caller.ts';
import { RateLimit, type RateState } from './rate-limit.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What it takes to call it; `open`: nothing. */
    needs?: SendPermission | 'open';
  }
  interface FastifyRequest {
    sender: SendCaller | undefined;
  }
}

/** The `onRequest` hook: no body is read before its sender is known. */
export function gate(parts: HttpParts, originOf: (request: FastifyRequest) => Origin) {
  const limit = new RateLimit(parts.clock, parts.send);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { needs } = request.routeOptions.config;
    if (request.is404 || needs === 'open') return;
    if (request.headers['sec-fetch-site'] === 'cross-site')
      throw new Refusal('notAllowed', 'called from another site');
    const caller = await sendCallerOf(parts.directory, originOf(request), request);
    if (needs === undefined || !caller.may(needs))
      throw new Refusal('notAllowed', `needs ${needs ?? 'more'}`);
    const state = await limit.take(caller.org ?? '');
    tellRate(reply, limit, state);
    if (!state.allowed) throw new Refusal('rateLimited', 'too many requests');
    request.sender = caller;
  };
}

function tellRate(reply: FastifyReply, { policy }: RateLimit, state: RateState): void {
  reply.header('ratelimit-policy', policy);
  reply.header('ratelimit', `"requests";r=${state.left};t=${state.fullInSeconds}`);
  if (!state.allowed) reply.header('retry-after', String(state.retryInSeconds));
}

/** The caller of a request that has passed the gate. */
export function senderIn(request: FastifyRequest): SendCaller {
  if (!request.sender) throw new Error('a route outside the gate asks for its caller');
  return request.sender;
}
