/** How each application of ours answers, whatever it was asked: headers that protect, what went wrong as problem details (RFC 9457), and a count. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { challenge } from './admin-api/access.ts';
import type { App } from './admin-api/app.ts';
import type { HttpParts } from './parts.ts';
import { problemOf } from './problems.ts';

export async function protectingHeaders(_: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.headers({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  // The page, pictures and downloads have their own.
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  if (!reply.hasHeader('content-security-policy'))
    reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
}

interface Failed {
  readonly parts: HttpParts;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface ProblemStyle {
  readonly caller?: 'program';
  /** Seconds after which to come again, by status, where nobody has said so before. */
  readonly retryAfter: Readonly<Record<number, number>>;
}

export function answerProblem(
  error: unknown,
  { parts, request, reply }: Failed,
  { caller, retryAfter }: ProblemStyle,
): object {
  const answer = problemOf(error, caller === undefined ? {} : { caller });
  if (answer.status >= 500) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    parts.log.error(
      { method: request.method, url: request.routeOptions.url ?? '', error: stack },
      'a request failed',
    );
  }
  if (answer.status === 401) challenge(request, reply);
  const seconds = retryAfter[answer.status];
  if (seconds !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', String(seconds));
  void reply.code(answer.status).type('application/problem+json');
  return answer;
}

export function countRequests(app: App, { metrics }: HttpParts): void {
  const requests = metrics.counter(
    'hikyaku_httpd_requests_total',
    'HTTP requests by method and status class.',
    ['method', 'status'],
  );
  const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
  app.addHook('onResponse', async (request, reply) => {
    const method = known.has(request.method) ? request.method : 'other';
    requests.add(1, { method, status: `${Math.trunc(reply.statusCode / 100)}xx` });
  });
}
