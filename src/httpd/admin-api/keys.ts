/** API keys: of an organisation, and of the operator. */
import * as Type from 'typebox';
import type { AccountId, CredentialId, OrgId } from '../../base/ids.ts';
import type { KeyScope, SendLimits } from '../../directory/entities.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing, pageOf, pageQuery } from './contract.ts';
import { apiKey, newApiKey, shownApiKey } from './contract-caller.ts';

const tags = ['keys'];

interface Input {
  readonly name: string;
  readonly scopes: string[];
  readonly account?: string;
  readonly limits?: SendLimits;
  readonly expiresAtMs?: number;
}

/** Scopes and account are checked by administration, which knows them. */
function inputOf({ name, scopes, account, limits, expiresAtMs }: Input) {
  return {
    name,
    scopes: scopes as KeyScope[],
    ...(limits && { limits }),
    ...(account === undefined ? {} : { account: account as AccountId }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}

/** `''` where the path names none: the operator's keys. */
function orgIn(params: unknown): OrgId | '' {
  return (params as { org?: OrgId }).org ?? '';
}

export function keyRoutes(app: App, { administration: { keys } }: HttpParts): void {
  const places = [
    { base: '/orgs/:org/api-keys', read: 'keys:read', write: 'keys:write', path: { org: Type.String() } },
    { base: '/api-keys', read: 'operator', write: 'operator', path: {} },
  ] as const;
  for (const { base, read, write, path } of places) {
    app.get(
      base,
      {
        config: { access: read },
        schema: {
          tags,
          summary: 'API keys',
          params: Type.Object(path),
          querystring: pageQuery,
          response: { 200: answer(pageOf(apiKey)) },
        },
      },
      async ({ params, query }) => keys.list(orgIn(params), query),
    );

    app.post(
      base,
      {
        config: { access: write },
        schema: {
          tags,
          summary: 'Makes a key',
          params: Type.Object(path),
          body: newApiKey,
          response: { 201: answer(shownApiKey) },
        },
      },
      async (request, reply) => {
        const made = await keys.create(actorIn(request), orgIn(request.params), inputOf(request.body));
        return reply.code(201).send({ ...made, scopes: [...made.scopes] });
      },
    );

    app.delete(
      `${base}/:id`,
      {
        config: { access: write },
        schema: {
          tags,
          summary: 'Deletes a key',
          params: Type.Object({ ...path, id: Type.String() }),
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        await keys.delete(actorIn(request), orgIn(request.params), request.params.id as CredentialId);
        return reply.code(204).send();
      },
    );
  }
}
