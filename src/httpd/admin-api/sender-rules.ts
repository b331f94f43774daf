/** What an organisation and its domains make of mail from outside: rules over those of the server. */
import * as Type from 'typebox';
import type { OrgId } from '../../base/ids.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { senderRules } from './contract-authentication.ts';
import { answer } from './contract.ts';

const tags = ['authentication'];
const places = [
  { path: '/orgs/:org/sender-rules', params: Type.Object({ org: Type.String() }), what: 'an organisation' },
  {
    path: '/orgs/:org/domains/:domain/sender-rules',
    params: Type.Object({ org: Type.String(), domain: Type.String() }),
    what: 'a domain',
  },
];

export function senderRuleRoutes(app: App, { administration: { senderRules: office } }: HttpParts): void {
  for (const { path, params, what } of places) {
    const of = (given: object): { org: OrgId; domain: string } => {
      const { org, domain = '' } = given as { org: OrgId; domain?: string };
      return { org, domain };
    };
    app.get(
      path,
      {
        config: { access: 'domains:read' },
        schema: {
          tags,
          summary: `Rules of ${what} for mail from outside`,
          params,
          response: { 200: answer(senderRules) },
        },
      },
      async (request) => office.get(of(request.params as object)),
    );
    app.put(
      path,
      {
        config: { access: 'domains:write' },
        schema: {
          tags,
          summary: `Sets the rules of ${what} for mail from outside`,
          params,
          body: senderRules,
          response: { 200: answer(senderRules) },
        },
      },
      async (request) => office.put(actorIn(request), of(request.params as object), request.body),
    );
  }
}
