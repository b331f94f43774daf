/** The filters of an organisation: scores, weights, rules of its own. */
import * as Type from 'typebox';
import type { OrgId } from '../../base/ids.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { filterRules } from './contract-filters.ts';
import { answer } from './contract.ts';

const tags = ['filters'];
const path = '/orgs/:org/filters';
const params = Type.Object({ org: Type.String() });

export function filterRoutes(app: App, { administration: { filterRules: office } }: HttpParts): void {
  app.get(
    path,
    {
      config: { access: 'domains:read' },
      schema: {
        tags,
        summary: 'How an organisation filters its mail',
        params,
        response: { 200: answer(filterRules) },
      },
    },
    async (request) => office.get(request.params.org as OrgId),
  );
  app.put(
    path,
    {
      config: { access: 'domains:write' },
      schema: {
        tags,
        summary: 'Sets how an organisation filters its mail',
        params,
        body: filterRules,
        response: { 200: answer(filterRules) },
      },
    },
    async (request) => office.put(actorIn(request), request.params.org as OrgId, request.body),
  );
}
