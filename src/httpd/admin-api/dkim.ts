/** DKIM keys of a domain: those that sign, those that will, and what belongs into DNS for each. */
import * as Type from 'typebox';
import type { OrgId } from '../../base/ids.ts';
import { dkimAlgorithms, type DkimKey, type DomainRef } from '../../directory/dkim-key.ts';
import { keyName } from '../../proto/dkim/key-record.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { dkimKey, dkimKeys, dkimRotation, exportedDkimKey, importedDkimKey } from './contract-dkim.ts';
import { answer } from './contract.ts';

const tags = ['domains'];
const path = '/orgs/:org/domains/:domain/dkim';
const params = Type.Object({ org: Type.String(), domain: Type.String() });
const keyParams = Type.Object({ org: Type.String(), domain: Type.String(), selector: Type.String() });
/** What an administrator may do to a key by hand; everything else comes by itself. */
const steps = [
  { step: 'activate', to: 'active', summary: 'Lets a key sign from now on, in place of the one that does' },
  { step: 'retire', to: 'retiring', summary: 'Ends a key: it signs no more, and is removed later' },
  { step: 'remove', to: 'removed', summary: 'Throws the private half of a key away' },
] as const;

export function dkimRoutes(app: App, { administration: { dkim: office } }: HttpParts): void {
  app.get(
    path,
    {
      config: { access: 'domains:read' },
      schema: { tags, summary: 'DKIM keys of a domain', params, response: { 200: answer(dkimKeys) } },
    },
    async (request) => shownKeys(await office.list(refOf(request.params))),
  );
  app.post(
    `${path}/rotate`,
    {
      config: { access: 'domains:write' },
      schema: {
        tags,
        summary: 'Makes successors of the keys that sign: they take over when their records are in DNS',
        params,
        body: dkimRotation,
        response: { 200: answer(dkimKeys) },
      },
    },
    async (request) => {
      const { algorithms = dkimAlgorithms } = request.body;
      return shownKeys(await office.rotate(actorIn(request), refOf(request.params), algorithms));
    },
  );
  app.post(
    path,
    {
      config: { access: 'domains:write' },
      schema: {
        tags,
        summary: 'Takes a key over from another server',
        params,
        body: importedDkimKey,
        response: { 201: answer(dkimKey) },
      },
    },
    async (request, reply) => {
      const made = await office.import(actorIn(request), refOf(request.params), request.body);
      return reply.code(201).send(shown(made));
    },
  );
  singleKeyRoutes(app, office);
}

function singleKeyRoutes(app: App, office: HttpParts['administration']['dkim']): void {
  // A key opens mail in the name of the domain to whoever has it: a matter of owners, and written in the audit log.
  app.post(
    `${path}/:selector/export`,
    {
      config: { access: 'org:write' },
      schema: {
        tags,
        summary: 'The private key, for another server',
        params: keyParams,
        response: { 200: answer(exportedDkimKey) },
      },
    },
    async (request) => {
      const { selector } = request.params;
      const privateKey = await office.export(actorIn(request), refOf(request.params), selector);
      return { selector, privateKey };
    },
  );
  for (const { step, to, summary } of steps)
    app.post(
      `${path}/:selector/${step}`,
      {
        config: { access: 'domains:write' },
        schema: { tags, summary, params: keyParams, response: { 200: answer(dkimKey) } },
      },
      async (request) => {
        const { selector } = request.params;
        return shown(await office.move(actorIn(request), refOf(request.params), { selector, to }));
      },
    );
}

const refOf = ({ org, domain }: { org: string; domain: string }): DomainRef => ({
  org: org as OrgId,
  domain,
});

const shownKeys = (keys: readonly DkimKey[]) => ({ items: keys.map(shown) });

const shown = ({ domain, selector, algorithm, state, record, createdAtMs, sinceMs, seenAtMs }: DkimKey) => ({
  selector,
  algorithm,
  state,
  name: keyName(selector, domain),
  record,
  createdAtMs,
  sinceMs,
  seenAtMs,
});
