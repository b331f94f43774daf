/** What the server publishes to anybody who asks by HTTP, without credentials. */
import type { HttpParts } from '../parts.ts';
import type { App } from '../admin-api/app.ts';

export function publishedRoutes(app: App, { published }: HttpParts): void {
  /** RFC 8555, 8.3: proves to a certificate authority that a name is ours. */
  app.get<{ Params: { token: string } }>(
    '/.well-known/acme-challenge/:token',
    { schema: { hide: true } },
    async (request, reply) => {
      const answer = await published.proofFor(request.params.token);
      if (answer === undefined) return reply.callNotFound();
      return reply.type('application/octet-stream').send(answer);
    },
  );
}
