/** One's own second factors, and one's own password: changed by a signed-in browser that knows the password as well. */
import type { FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import { Refusal } from '../../base/refusal.ts';
import { actorOf, type Caller, type Origin } from '../admin-api/caller.ts';
import type { App } from '../admin-api/app.ts';
import { answer, nothing, problem } from '../admin-api/contract.ts';
import {
  factorState,
  newPasskey,
  newRecoveryCodes,
  ownNewPassword,
  passkeyOptions,
  totpCode,
  totpSetUp,
  withPassword,
} from '../admin-api/contract-session.ts';
import type { HttpParts } from '../parts.ts';
import { registered, registrationOptions, siteOf } from './passkeys.ts';
import { fromPage, ownAccount, personOf, signedIn, welcome, type OriginOf } from './door.ts';
import { signInAnswer } from '../admin-api/contract-session.ts';

const tags = ['session'];
const failures = { '4xx': problem, '5xx': problem };
const base = '/api/v1/factors';
type Parts = Pick<HttpParts, 'directory' | 'administration'>;

interface RegistrationStep {
  readonly is: 'registration';
  readonly account: string;
  readonly challenge: string;
}

interface Doer {
  readonly caller: Caller;
  readonly origin: Origin;
  readonly owner: Awaited<ReturnType<typeof ownAccount>> & { readonly address: string };
}

export function factorRoutes(app: App, parts: Parts, originOf: OriginOf): void {
  const { directory } = parts;
  const { factors } = directory;

  const doer = async (request: FastifyRequest): Promise<Doer> => {
    const origin = fromPage(request, originOf);
    const caller = await signedIn(parts, originOf, request);
    return { caller, origin, owner: { ...(await ownAccount(parts, caller)), address: caller.address } };
  };

  /** Who has found a browser open does not change what proves its owner. */
  const knowing = async (request: FastifyRequest, password: string): Promise<Doer> => {
    const found = await doer(request);
    const from = { service: 'http', ip: found.origin.ip } as const;
    const { credential, account } = await directory.login(found.caller.address, password, from);
    if (credential !== 'password' || account !== found.owner.account)
      throw new Refusal('authenticationFailed', 'not the password of this account');
    return found;
  };

  /** With the first factor come recovery codes. */
  const codesOnce = async ({ caller, owner }: Doer): Promise<readonly string[]> => {
    const { recoveryCodes } = await factors.state(owner.account);
    return recoveryCodes > 0 ? [] : factors.newRecoveryCodes(actorOf(caller), owner);
  };

  app.get(
    base,
    {
      schema: {
        tags,
        summary: 'One’s own second factors',
        response: { 200: answer(factorState), ...failures },
      },
    },
    async (request) => {
      const caller = await signedIn(parts, originOf, request);
      const { account } = await ownAccount(parts, caller);
      const { totp, recoveryCodes, passkeys } = await factors.state(account);
      return {
        totp,
        recoveryCodes,
        passkeys: passkeys.map(({ id, name, rp, createdAtMs, lastUsedAtMs }) => ({
          id,
          name,
          rp,
          createdAtMs,
          lastUsedAtMs,
        })),
      };
    },
  );

  app.post(
    `${base}/totp`,
    {
      schema: {
        tags,
        summary: 'Begins to set up one-time codes',
        body: withPassword,
        response: { 200: answer(totpSetUp), ...failures },
      },
    },
    async (request) => factors.beginTotp((await knowing(request, request.body.password)).owner),
  );

  app.put(
    `${base}/totp`,
    {
      schema: {
        tags,
        summary: 'Sets up one-time codes, with a first one',
        body: totpCode,
        response: { 200: answer(newRecoveryCodes), ...failures },
      },
    },
    async (request) => {
      const found = await doer(request);
      await factors.confirmTotp(actorOf(found.caller), found.owner, request.body.code);
      return { recoveryCodes: await codesOnce(found) };
    },
  );

  app.post(
    `${base}/totp/end`,
    {
      schema: {
        tags,
        summary: 'Ends one-time codes',
        body: withPassword,
        response: { 204: nothing, ...failures },
      },
    },
    async (request, reply) => {
      const { caller, owner } = await knowing(request, request.body.password);
      await factors.dropTotp(actorOf(caller), owner);
      return reply.code(204).send();
    },
  );

  app.post(
    `${base}/recovery-codes`,
    {
      schema: {
        tags,
        summary: 'New recovery codes in place of those before',
        body: withPassword,
        response: { 200: answer(newRecoveryCodes), ...failures },
      },
    },
    async (request) => {
      const { caller, owner } = await knowing(request, request.body.password);
      return { recoveryCodes: await factors.newRecoveryCodes(actorOf(caller), owner) };
    },
  );
  passkeyRoutes(app, parts, { knowing, doer, codesOnce });

  app.post(
    '/api/v1/session/password',
    {
      schema: {
        tags,
        summary: 'Sets one’s own password; all other browsers are signed out',
        body: ownNewPassword,
        response: { 200: answer(signInAnswer), ...failures },
      },
    },
    async (request, reply) => {
      const { current, password } = request.body;
      const { caller, origin, owner } = await knowing(request, current);
      const ref = { org: owner.org, id: owner.account };
      const sessions = await directory.sessions.list(owner.account);
      const before = sessions.find(({ id }) => id === caller.session);
      await parts.administration.accounts.setPassword(actorOf(caller), ref, password);
      const kept = { remember: before?.remembered ?? false, proved: before?.proved ?? 'password' };
      const session = await welcome(parts, { request, reply, origin }, { ...owner, ...kept });
      return personOf(parts, owner.account, session);
    },
  );
}

interface Doing {
  readonly knowing: (request: FastifyRequest, password: string) => Promise<Doer>;
  readonly doer: (request: FastifyRequest) => Promise<Doer>;
  readonly codesOnce: (doer: Doer) => Promise<readonly string[]>;
}

function passkeyRoutes(app: App, { directory }: Parts, { knowing, doer, codesOnce }: Doing): void {
  const { factors, tickets } = directory;

  app.post(
    `${base}/passkey-options`,
    {
      schema: {
        tags,
        summary: 'Begins to add a passkey',
        body: withPassword,
        response: { 200: answer(passkeyOptions), ...failures },
      },
    },
    async (request) => {
      const { owner, origin } = await knowing(request, request.body.password);
      const { displayName } = (await directory.account(owner.account)) ?? { displayName: '' };
      const { passkeys } = await factors.state(owner.account);
      const options = await registrationOptions(siteOf(request, origin), { ...owner, displayName }, passkeys);
      const facts: RegistrationStep = {
        is: 'registration',
        account: owner.account,
        challenge: options.challenge,
      };
      return { ticket: await tickets.make(facts), options };
    },
  );

  app.post(
    `${base}/passkeys`,
    {
      schema: {
        tags,
        summary: 'Adds a passkey',
        body: newPasskey,
        response: { 200: answer(newRecoveryCodes), ...failures },
      },
    },
    async (request) => {
      const found = await doer(request);
      const { ticket, passkey, name } = request.body;
      const { is, account, challenge } = await tickets.read<RegistrationStep>(ticket);
      if (is !== 'registration' || account !== found.owner.account)
        throw new Refusal('authenticationFailed', 'another ticket');
      const made = await registered(siteOf(request, found.origin), challenge, passkey);
      await tickets.use(ticket);
      await factors.addPasskey(actorOf(found.caller), found.owner, {
        ...made,
        name: name.trim() || 'Passkey',
      });
      return { recoveryCodes: await codesOnce(found) };
    },
  );

  app.delete(
    `${base}/passkeys/:id`,
    {
      schema: {
        tags,
        summary: 'Deletes a passkey',
        params: Type.Object({ id: Type.String({ maxLength: 1500 }) }),
        response: { 204: nothing, ...failures },
      },
    },
    async (request, reply) => {
      const { caller, owner } = await doer(request);
      await factors.dropPasskey(actorOf(caller), owner, request.params.id);
      return reply.code(204).send();
    },
  );
}
