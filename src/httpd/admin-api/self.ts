/** What every caller may ask and do about themselves. */
import type { CredentialId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { roles } from '../../directory/account.ts';
import { permissionsOf } from '../../directory/permission.ts';
import type { FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import type { HttpParts } from '../parts.ts';
import { actorIn, callerIn } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing, pageOf, pageQuery } from './contract.ts';
import { appPassword, newAppPassword, newPassword, shownAppPassword } from './contract-account.ts';
import { me, roleList } from './contract-caller.ts';

const tags = ['self'];

export function selfRoutes(app: App, { administration, directory }: HttpParts): void {
  const { accounts } = administration;

  /** The account of the caller, in its own organisation (an operator's caller has none of its own in `org`). */
  const own = async (request: FastifyRequest) => {
    const { account } = callerIn(request);
    const found = account === '' ? undefined : await directory.account(account);
    if (!found) throw new Refusal('notFound', 'no account');
    return { org: found.org, id: found.id };
  };

  app.get(
    '/me',
    {
      config: { access: 'anyone' },
      schema: { tags, summary: 'Who calls, and what they may', response: { 200: answer(me) } },
    },
    async (request) => {
      const { by, address, org, permissions } = callerIn(request);
      return { by, address, org: org ?? '', permissions: [...permissions] };
    },
  );

  app.get(
    '/roles',
    {
      config: { access: 'anyone' },
      schema: { tags, summary: 'Roles and their permissions', response: { 200: answer(roleList) } },
    },
    async () => ({ items: roles.map((role) => ({ role, permissions: [...permissionsOf([role])] })) }),
  );

  app.put(
    '/me/password',
    {
      config: { access: 'password' },
      schema: { tags, summary: 'Sets one’s own password', body: newPassword, response: { 204: nothing } },
    },
    async (request, reply) => {
      if (callerIn(request).session !== '')
        throw new Refusal(
          'notAllowed',
          'a signed-in browser shows the old one too: POST /api/v1/session/password',
        );
      await accounts.setPassword(actorIn(request), await own(request), request.body.password);
      return reply.code(204).send();
    },
  );

  app.get(
    '/me/app-passwords',
    {
      config: { access: 'password' },
      schema: {
        tags,
        summary: 'One’s own app passwords',
        querystring: pageQuery,
        response: { 200: answer(pageOf(appPassword)) },
      },
    },
    async (request) => accounts.appPasswords(await own(request), request.query),
  );

  app.post(
    '/me/app-passwords',
    {
      config: { access: 'password' },
      schema: {
        tags,
        summary: 'Makes an app password',
        body: newAppPassword,
        response: { 201: answer(shownAppPassword) },
      },
    },
    async (request, reply) => {
      const made = await accounts.createAppPassword(actorIn(request), await own(request), request.body);
      return reply.code(201).send(made);
    },
  );

  app.delete(
    '/me/app-passwords/:id',
    {
      config: { access: 'password' },
      schema: {
        tags,
        summary: 'Deletes an app password',
        params: Type.Object({ id: Type.String() }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await accounts.deleteAppPassword(
        actorIn(request),
        await own(request),
        request.params.id as CredentialId,
      );
      return reply.code(204).send();
    },
  );
}
