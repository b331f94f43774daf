/** What accounts may send: limits and how far they are used, logins that are paused. */
import type { FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import type { AccountId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn, callerIn } from './access.ts';
import type { App } from './app.ts';
import { answer } from './contract.ts';
import {
  accountLimitBody,
  accountSending,
  orgSending,
  pauseBody,
  sendingCount,
  sendingLimitBody,
} from './contract-sending.ts';

const tags = ['sending'];
const ofOrg = '/orgs/:org/sending';
const ofAccount = '/orgs/:org/accounts/:account/sending';
const orgPath = Type.Object({ org: Type.String() });
const path = Type.Object({ org: Type.String(), account: Type.String() });

const refOf = (params: { org: string; account: string }) => ({
  org: params.org as OrgId,
  id: params.account as AccountId,
});

export function sendingRoutes(app: App, parts: HttpParts): void {
  orgLimits(app, parts);
  accountLimits(app, parts);
  pauses(app, parts);
}

function orgLimits(app: App, { administration: { orgs }, sending }: HttpParts): void {
  const read = async (org: string) => ({
    limits: await sending.uses({ org }),
    own: Object.fromEntries(await sending.ownLimits(org)),
  });

  app.get(
    ofOrg,
    {
      config: { access: 'accounts:read' },
      schema: {
        tags,
        summary: 'What an organisation may send',
        params: orgPath,
        response: { 200: answer(orgSending) },
      },
    },
    async (request) => {
      const { id } = await orgs.get(request.params.org as OrgId);
      return read(id);
    },
  );

  app.put(
    ofOrg,
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Sets a limit of an organisation, or of each of its accounts or credentials',
        description: 'The limit `org` is for whoever runs the server to set.',
        params: orgPath,
        body: sendingLimitBody,
        response: { 200: answer(orgSending) },
      },
    },
    async (request) => {
      const org = await orgs.get(request.params.org as OrgId);
      const { limit, perDay } = request.body;
      if (limit === 'org' && !isOperator(request))
        throw new Refusal(
          'notAllowed',
          'what an organisation may send is for whoever runs the server to say',
        );
      await orgs.noteSending(actorIn(request), org, request.body);
      await sending.setLimit(org.id, limit, perDay);
      return read(org.id);
    },
  );
}

const isOperator = (request: FastifyRequest): boolean => callerIn(request).org === undefined;

function accountLimits(app: App, { administration: { accounts }, sending }: HttpParts): void {
  const read = async (org: string, account: string) => ({
    limits: await sending.uses({ org, account, credential: '' }),
    pauses: await sending.pauses(account),
  });

  app.get(
    ofAccount,
    {
      config: { access: 'accounts:read' },
      schema: {
        tags,
        summary: 'What an account may send',
        params: path,
        response: { 200: answer(accountSending) },
      },
    },
    async (request) => {
      const { org, id } = await accounts.get(refOf(request.params));
      return read(org, id);
    },
  );

  app.put(
    ofAccount,
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Sets the limit of an account, or of one of its app passwords and API keys',
        params: path,
        body: accountLimitBody,
        response: { 200: answer(accountSending) },
      },
    },
    async (request) => {
      const ref = refOf(request.params);
      await accounts.noteSending(actorIn(request), ref, request.body);
      const { perDay, credential } = request.body;
      if (credential === undefined) await sending.setLimit(ref.org, 'account', perDay, ref.id);
      else await sending.setLimit(ref.org, 'credential', perDay, `${ref.id}/${credential}`);
      return read(ref.org, ref.id);
    },
  );
}

function pauses(app: App, { administration: { accounts }, sending, clock }: HttpParts): void {
  app.post(
    `${ofAccount}/pause`,
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Pauses sending with one login of an account, or with all',
        params: path,
        body: pauseBody,
        response: { 200: answer(sendingCount) },
      },
    },
    async (request) => {
      const ref = refOf(request.params);
      const { credential = '', why = '' } = request.body;
      await accounts.noteSending(actorIn(request), ref, { pause: credential || 'all', why });
      const { address, by } = callerIn(request);
      const pause = {
        account: ref.id,
        org: ref.org,
        credential,
        why,
        by: address || by,
        atMs: clock.nowMs(),
        operator: isOperator(request),
      };
      return { count: Number(await sending.pause(pause)) };
    },
  );

  app.post(
    `${ofAccount}/resume`,
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Lets all logins of an account send again',
        description:
          'What it has sent until now counts as usual from then on. What whoever runs the server has paused only he lets send again.',
        params: path,
        response: { 200: answer(sendingCount) },
      },
    },
    async (request) => {
      const ref = refOf(request.params);
      await accounts.noteSending(actorIn(request), ref, { resume: true });
      const count = await sending.resume(ref.id, isOperator(request));
      const left = await sending.pauses(ref.id);
      if (count === 0 && left.some(({ operator }) => operator))
        throw new Refusal('notAllowed', 'whoever runs the server has paused it');
      return { count };
    },
  );
}
