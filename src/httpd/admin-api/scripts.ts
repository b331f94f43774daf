/** Scripts that filter mail: those of an account, and those around them of a domain, an organisation and the server. */
import type { FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import type { TObject } from 'typebox';
import type { AccountId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { ScriptOwner } from '../../sieve/script.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn, callerIn, type Access } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing } from './contract.ts';
import {
  chosenScript,
  newScript,
  script,
  scriptList,
  scriptProblems,
  scriptStages,
  scriptToCheck,
} from './contract-scripts.ts';
import { shownProblem } from './script-problems.ts';
import { scriptTrialRoutes } from './script-trials.ts';

export const scriptTags = ['scripts'];

/** Where scripts are, and who may see and change them. */
interface Shelf {
  readonly path: string;
  readonly params: Readonly<Record<string, ReturnType<typeof Type.String>>>;
  readonly whose: string;
  readonly read: Access;
  readonly write: Access;
  /** Refusal: notFound. */
  readonly ownerOf: (request: FastifyRequest) => Promise<ScriptOwner>;
}

interface Deed {
  readonly did: 'put' | 'delete' | 'stage';
  readonly script: string;
  readonly stage?: string;
}

interface Routes {
  readonly app: App;
  readonly parts: HttpParts;
  readonly shelf: Shelf;
  /** Written down before it is done. */
  readonly note: (request: FastifyRequest, owner: ScriptOwner, deed: Deed) => Promise<void>;
}

const named = (shelf: Shelf): TObject => Type.Object({ ...shelf.params, name: Type.String() });
const nameIn = (request: FastifyRequest): string => (request.params as { name: string }).name;

export function scriptRoutes(app: App, parts: HttpParts): void {
  const note: Routes['note'] = (request, owner, deed) => noteDeed(parts, request, { owner, deed });
  for (const shelf of shelves(parts)) {
    const routes = { app, parts, shelf, note };
    reading(routes);
    writing(routes);
  }
  checking(app, parts);
  scriptTrialRoutes(app, parts);
}

function shelves({ directory, administration: { accounts, domains } }: HttpParts): readonly Shelf[] {
  const ofOrg = (request: FastifyRequest): OrgId => (request.params as { org: string }).org as OrgId;
  const text = Type.String();
  return [
    {
      path: '/orgs/:org/accounts/:account/scripts',
      params: { org: text, account: text },
      whose: 'of an account',
      read: 'accounts:read',
      write: 'accounts:write',
      ownerOf: async (request) => {
        const { account } = request.params as { account: string };
        const found = await accounts.get({ org: ofOrg(request), id: account as AccountId });
        return { is: 'account', id: found.id };
      },
    },
    {
      path: '/me/scripts',
      params: {},
      whose: 'of one’s own',
      read: 'password',
      write: 'password',
      ownerOf: async (request) => {
        const { account } = callerIn(request);
        const found = account === '' ? undefined : await directory.account(account);
        if (!found) throw new Refusal('notFound', 'no account');
        return { is: 'account', id: found.id };
      },
    },
    {
      path: '/orgs/:org/domains/:domain/scripts',
      params: { org: text, domain: text },
      whose: 'of a domain',
      read: 'domains:read',
      write: 'domains:write',
      ownerOf: async (request) => {
        const { domain } = request.params as { domain: string };
        const { name } = await domains.get(ofOrg(request), domain);
        return { is: 'domain', org: ofOrg(request), name };
      },
    },
    {
      path: '/orgs/:org/scripts',
      params: { org: text },
      whose: 'of an organisation',
      read: 'domains:read',
      write: 'domains:write',
      ownerOf: async (request) => ({ is: 'org', id: ofOrg(request) }),
    },
    {
      path: '/scripts',
      params: {},
      whose: 'of the server',
      read: 'operator',
      write: 'operator',
      ownerOf: async () => ({ is: 'server' }),
    },
  ];
}

function reading({ app, parts: { scripts }, shelf }: Routes): void {
  app.get(
    shelf.path,
    {
      config: { access: shelf.read },
      schema: {
        tags: scriptTags,
        summary: `Scripts ${shelf.whose}`,
        params: Type.Object(shelf.params),
        response: { 200: answer(scriptList) },
      },
    },
    async (request) => ({ items: await scripts.list(await shelf.ownerOf(request)) }),
  );
  app.get(
    `${shelf.path}/:name`,
    {
      config: { access: shelf.read },
      schema: {
        tags: scriptTags,
        summary: `A script ${shelf.whose}, with how often its rules were followed`,
        params: named(shelf),
        response: { 200: answer(script) },
      },
    },
    async (request) => {
      const owner = await shelf.ownerOf(request);
      const { source, ...info } = await scripts.get(owner, nameIn(request));
      const rules = await scripts.hits(owner, info.name);
      return { ...info, source: Buffer.from(source).toString(), rules };
    },
  );
}

function writing({ app, parts: { scripts }, shelf, note }: Routes): void {
  app.put(
    `${shelf.path}/:name`,
    {
      config: { access: shelf.write },
      schema: {
        tags: scriptTags,
        summary: `Stores a script ${shelf.whose}`,
        description: 'One with errors is not stored: the problem tells each, at `line:column`.',
        params: named(shelf),
        body: newScript,
        response: { 200: answer(scriptProblems) },
      },
    },
    async (request) => {
      const owner = await shelf.ownerOf(request);
      const name = nameIn(request);
      await note(request, owner, { did: 'put', script: name });
      const warnings = await scripts.put(owner, name, Buffer.from(request.body.source));
      return { problems: warnings.map((each) => shownProblem(each, 'en')) };
    },
  );
  app.delete(
    `${shelf.path}/:name`,
    {
      config: { access: shelf.write },
      schema: {
        tags: scriptTags,
        summary: `Deletes a script ${shelf.whose}`,
        params: named(shelf),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const owner = await shelf.ownerOf(request);
      await note(request, owner, { did: 'delete', script: nameIn(request) });
      await scripts.remove(owner, nameIn(request));
      return reply.code(204).send();
    },
  );
  app.put(
    `${shelf.path.replace(/scripts$/, 'script-stages')}/:stage`,
    {
      config: { access: shelf.write },
      schema: {
        tags: scriptTags,
        summary: `Says which script ${shelf.whose} runs`,
        params: Type.Object({ ...shelf.params, stage: scriptStages }),
        body: chosenScript,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const owner = await shelf.ownerOf(request);
      const { stage } = request.params;
      await note(request, owner, { did: 'stage', script: request.body.script, stage });
      await scripts.stage(owner, request.body.script, stage);
      return reply.code(204).send();
    },
  );
}

function checking(app: App, { scripts }: HttpParts): void {
  app.post(
    '/script-check',
    {
      config: { access: 'anyone' },
      schema: {
        tags: scriptTags,
        summary: 'What is wrong with a script',
        body: scriptToCheck,
        response: { 200: answer(scriptProblems) },
      },
    },
    async (request) => {
      const { source, language = 'en' } = request.body;
      const problems = await scripts.problems(Buffer.from(source));
      return { problems: problems.map((each) => shownProblem(each, language)) };
    },
  );
}

async function noteDeed(
  { administration: { accounts, audit }, directory }: HttpParts,
  request: FastifyRequest,
  { owner, deed }: { readonly owner: ScriptOwner; readonly deed: Deed },
): Promise<void> {
  const actor = actorIn(request);
  if (owner.is === 'account') {
    const org = (await directory.account(owner.id))?.org;
    if (org !== undefined) await accounts.noteScript(actor, { org, id: owner.id }, { ...deed });
    return;
  }
  const org = owner.is === 'server' ? '' : owner.is === 'org' ? owner.id : owner.org;
  const subject = owner.is === 'domain' ? owner.name : deed.script;
  await audit.note(actor, { org, action: `script.${deed.did}`, subject, detail: { ...deed } });
}
