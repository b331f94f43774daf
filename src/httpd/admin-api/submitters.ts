/** Programs that submit without a password: by the network they are in, or by their TLS certificate. */
import * as Type from 'typebox';
import type { CredentialId, OrgId } from '../../base/ids.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing } from './contract.ts';
import { newSubmitter, submitter, submitterList } from './contract-caller.ts';

const tags = ['keys'];
const params = Type.Object({ org: Type.String() });

export function submitterRoutes(app: App, { administration: { submitters } }: HttpParts): void {
  app.get(
    '/orgs/:org/submitters',
    {
      config: { access: 'keys:read' },
      schema: {
        tags,
        summary: 'Networks and certificates that let programs submit',
        params,
        response: { 200: answer(submitterList) },
      },
    },
    async (request) => ({ items: await submitters.list(request.params.org as OrgId) }),
  );

  app.post(
    '/orgs/:org/submitters',
    {
      config: { access: 'keys:write' },
      schema: {
        tags,
        summary: 'Lets in a network (the operator alone) or a certificate',
        params,
        body: newSubmitter,
        response: { 201: answer(submitter) },
      },
    },
    async (request, reply) => {
      const made = await submitters.create(actorIn(request), request.params.org as OrgId, request.body);
      return reply.code(201).send(made);
    },
  );

  app.delete(
    '/orgs/:org/submitters/:id',
    {
      config: { access: 'keys:write' },
      schema: {
        tags,
        summary: 'Lets it in no more',
        params: Type.Object({ org: Type.String(), id: Type.String() }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { org, id } = request.params;
      await submitters.delete(actorIn(request), org as OrgId, id as CredentialId);
      return reply.code(204).send();
    },
  );
}
