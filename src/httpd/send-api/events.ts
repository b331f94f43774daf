/** `/v1/events/stream`: what happens to the organisation's mail, as it happens. */
import { followAsked } from '../admin-api/ledger.ts';
import type { App } from '../admin-api/app.ts';
import { streamQuery } from '../admin-api/contract-mail.ts';
import type { HttpParts } from '../parts.ts';
import { senderIn } from './access.ts';

export function eventRoutes(app: App, parts: HttpParts, stopping: AbortSignal): void {
  app.get(
    '/events/stream',
    { config: { needs: 'messages:read' }, schema: { hide: true, querystring: streamQuery } },
    async (request, reply) => {
      const { query, headers } = request;
      const lastId = headers['last-event-id'];
      await followAsked(parts, { reply, org: senderIn(request).org, query, lastId, stopping });
    },
  );
}
