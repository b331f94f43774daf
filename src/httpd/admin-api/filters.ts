/** The filters of an organisation: scores, weights, rules of its own. */
import * as Type from 'typebox';
import type { OrgId } from '../../base/ids.ts';
import { judgedWords } from '../../events/judged-words.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { filterRules, listedRules, rulesQuery } from './contract-filters.ts';
import { answer } from './contract.ts';

const tags = ['filters'];
const path = '/orgs/:org/filters';
const params = Type.Object({ org: Type.String() });

export function filterRoutes(app: App, parts: HttpParts): void {
  const { filterRules: office } = parts.administration;
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
  app.get(
    `${path}/rules`,
    {
      config: { access: 'domains:read' },
      schema: {
        tags,
        summary: 'The rules that there are, with the weights that an organisation gives them',
        params,
        querystring: rulesQuery,
        response: { 200: answer(listedRules) },
      },
    },
    async (request) => {
      const { language = 'en' } = request.query;
      const found = await parts.filterRules(request.params.org);
      return { items: found.map((one) => ({ ...one, what: judgedWords[language].rule(one.rule) })) };
    },
  );
}
