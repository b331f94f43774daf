/** Accounts, their passwords, and where their mail goes. */
import type { FastifyReply } from 'fastify';
import * as Type from 'typebox';
import type { AccountId, CredentialId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Account } from '../../directory/account.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing, pageOf, pageQuery } from './contract.ts';
import {
  account,
  accountEdit,
  accountForward,
  appPassword,
  newAccount,
  newAppPassword,
  newPassword,
  renaming,
  sendAs,
  shownAppPassword,
} from './contract-account.ts';

const orgPath = Type.Object({ org: Type.String() });
const accountPath = Type.Object({ org: Type.String(), account: Type.String() });
const appPath = Type.Object({ org: Type.String(), account: Type.String(), id: Type.String() });
const tags = ['accounts'];

const refOf = (params: { org: string; account: string }) => ({
  org: params.org as OrgId,
  id: params.account as AccountId,
});

/** The version of an account is its entity tag (RFC 9110, 8.8.3). */
function tagged(reply: FastifyReply, found: Account): Account {
  reply.header('etag', `"${found.version}"`);
  return found;
}

function expectedVersion(header: string | undefined): { ifVersion: number } | object {
  if (header === undefined || header === '*') return {};
  const version = /^"(\d{1,15})"$/.exec(header)?.[1];
  if (version === undefined) throw new Refusal('conflict', 'not a tag of this account', { at: 'version' });
  return { ifVersion: Number(version) };
}

export function accountRoutes(app: App, parts: HttpParts): void {
  people(app, parts);
  passwords(app, parts);
  destinations(app, parts);
}

function people(app: App, { administration: { accounts } }: HttpParts): void {
  app.get(
    '/orgs/:org/accounts',
    {
      config: { access: 'accounts:read' },
      schema: {
        tags,
        summary: 'Accounts',
        params: orgPath,
        querystring: pageQuery,
        response: { 200: answer(pageOf(account)) },
      },
    },
    async (request) => accounts.list(request.params.org as OrgId, request.query),
  );

  app.post(
    '/orgs/:org/accounts',
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Makes an account',
        params: orgPath,
        body: newAccount,
        response: { 201: answer(account) },
      },
    },
    async (request, reply) => {
      const made = await accounts.create(actorIn(request), request.params.org as OrgId, request.body);
      return reply.code(201).send(tagged(reply, made));
    },
  );

  app.get(
    '/orgs/:org/accounts/:account',
    {
      config: { access: 'accounts:read' },
      schema: { tags, summary: 'One account', params: accountPath, response: { 200: answer(account) } },
    },
    async (request, reply) => tagged(reply, await accounts.get(refOf(request.params))),
  );

  app.patch(
    '/orgs/:org/accounts/:account',
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Changes an account',
        description: 'With `If-Match`, only if nobody changed it since (412 otherwise).',
        params: accountPath,
        body: accountEdit,
        response: { 200: answer(account) },
      },
    },
    async (request, reply) => {
      const edit = { ...request.body, ...expectedVersion(request.headers['if-match']) };
      return tagged(reply, await accounts.update(actorIn(request), refOf(request.params), edit));
    },
  );

  app.post(
    '/orgs/:org/accounts/:account/rename',
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Another login address',
        params: accountPath,
        body: renaming,
        response: { 200: answer(account) },
      },
    },
    async (request, reply) => {
      const { name, keepOld = true } = request.body;
      return tagged(reply, await accounts.rename(actorIn(request), refOf(request.params), { name, keepOld }));
    },
  );

  app.delete(
    '/orgs/:org/accounts/:account',
    {
      config: { access: 'accounts:write' },
      schema: { tags, summary: 'Deletes an account', params: accountPath, response: { 204: nothing } },
    },
    async (request, reply) => {
      await accounts.delete(actorIn(request), refOf(request.params));
      return reply.code(204).send();
    },
  );
}

function passwords(app: App, { administration: { accounts }, directory }: HttpParts): void {
  app.delete(
    '/orgs/:org/accounts/:account/second-factor',
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Takes one-time codes, passkeys and recovery codes from an account that has lost them',
        params: accountPath,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const ref = refOf(request.params);
      await accounts.noteAccess(actorIn(request), ref, { secondFactor: 'reset' });
      await directory.factors.reset({ account: ref.id, org: ref.org });
      return reply.code(204).send();
    },
  );

  app.put(
    '/orgs/:org/accounts/:account/password',
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Sets the password',
        params: accountPath,
        body: newPassword,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await accounts.setPassword(actorIn(request), refOf(request.params), request.body.password);
      return reply.code(204).send();
    },
  );

  app.get(
    '/orgs/:org/accounts/:account/app-passwords',
    {
      config: { access: 'accounts:read' },
      schema: {
        tags,
        summary: 'App passwords',
        params: accountPath,
        querystring: pageQuery,
        response: { 200: answer(pageOf(appPassword)) },
      },
    },
    async (request) => accounts.appPasswords(refOf(request.params), request.query),
  );

  app.post(
    '/orgs/:org/accounts/:account/app-passwords',
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Makes an app password',
        params: accountPath,
        body: newAppPassword,
        response: { 201: answer(shownAppPassword) },
      },
    },
    async (request, reply) => {
      const made = await accounts.createAppPassword(actorIn(request), refOf(request.params), request.body);
      return reply.code(201).send(made);
    },
  );

  app.delete(
    '/orgs/:org/accounts/:account/app-passwords/:id',
    {
      config: { access: 'accounts:write' },
      schema: { tags, summary: 'Deletes an app password', params: appPath, response: { 204: nothing } },
    },
    async (request, reply) => {
      await accounts.deleteAppPassword(
        actorIn(request),
        refOf(request.params),
        request.params.id as CredentialId,
      );
      return reply.code(204).send();
    },
  );
}

function destinations(app: App, { administration: { accounts } }: HttpParts): void {
  app.get(
    '/orgs/:org/accounts/:account/forward',
    {
      config: { access: 'accounts:read' },
      schema: {
        tags,
        summary: 'Where mail goes on to',
        params: accountPath,
        response: { 200: answer(accountForward) },
      },
    },
    async (request) => {
      const { targets, keepCopy } = await accounts.forward(refOf(request.params));
      return { targets: [...targets], keepCopy };
    },
  );

  app.put(
    '/orgs/:org/accounts/:account/forward',
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Sends mail on; no targets: no longer',
        params: accountPath,
        body: accountForward,
        response: { 200: answer(accountForward) },
      },
    },
    async (request) => {
      const { targets, keepCopy } = await accounts.setForward(
        actorIn(request),
        refOf(request.params),
        request.body,
      );
      return { targets: [...targets], keepCopy };
    },
  );

  app.get(
    '/orgs/:org/accounts/:account/send-as',
    {
      config: { access: 'accounts:read' },
      schema: {
        tags,
        summary: 'Further addresses it may send as',
        params: accountPath,
        response: { 200: answer(sendAs) },
      },
    },
    async (request) => ({ addresses: [...(await accounts.sendAs(refOf(request.params)))] }),
  );

  app.put(
    '/orgs/:org/accounts/:account/send-as',
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Sets further addresses it may send as',
        params: accountPath,
        body: sendAs,
        response: { 200: answer(sendAs) },
      },
    },
    async (request) => {
      const { addresses } = request.body;
      return {
        addresses: [...(await accounts.setSendAs(actorIn(request), refOf(request.params), addresses))],
      };
    },
  );
}
