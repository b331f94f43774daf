/** The DNS records of a domain: what it needs, and what its name servers have. */
import * as Type from 'typebox';
import type { OrgId } from '../../base/ids.ts';
import type { HttpParts } from '../parts.ts';
import type { App } from './app.ts';
import { answer } from './contract.ts';
import { dnsAnswer } from './contract-dns.ts';

export function dnsRoutes(app: App, parts: HttpParts): void {
  app.get(
    '/orgs/:org/domains/:domain/dns',
    {
      config: { access: 'domains:read' },
      schema: {
        tags: ['domains'],
        summary: 'The DNS records that the domain needs, held against what its name servers have',
        params: Type.Object({ org: Type.String(), domain: Type.String() }),
        querystring: Type.Object(
          {
            check: Type.Optional(
              Type.Boolean({ description: 'Whether the name servers are asked; true unless told.' }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: answer(dnsAnswer) },
      },
    },
    async ({ params, query }) => {
      const domain = await parts.administration.domains.get(params.org as OrgId, params.domain);
      return parts.dnsOf(domain, query.check ?? true);
    },
  );
}
