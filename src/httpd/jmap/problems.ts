/** Request-level errors (RFC 8620, 3.6.1) as problem details. */
import type { FastifyReply } from 'fastify';

const prefix = 'urn:ietf:params:jmap:error:';

export type RequestError = 'unknownCapability' | 'notJSON' | 'notRequest' | 'limit';

export function refuse(
  reply: FastifyReply,
  error: RequestError,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  return reply
    .code(400)
    .type('application/problem+json')
    .send(JSON.stringify({ type: prefix + error, status: 400, detail, ...more }));
}

export const refuseLimit = (reply: FastifyReply, limit: string): FastifyReply =>
  refuse(reply, 'limit', `more than ${limit} allows`, { limit });
