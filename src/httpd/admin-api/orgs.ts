/** Organisations and domains. */
import * as Type from 'typebox';
import type { OrgId } from '../../base/ids.ts';
import type { Domain } from '../../directory/entities.ts';
import { domainToUnicode } from '../../proto/smtp/domain.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn, callerIn } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing, pageOf, pageQuery } from './contract.ts';
import { auditRecord } from './contract-caller.ts';
import { domain, domainEdit, newDomain, newOrg, org, orgEdit } from './contract-org.ts';

const orgPath = Type.Object({ org: Type.String() });
const domainPath = Type.Object({ org: Type.String(), domain: Type.String() });

export const shownDomain = (each: Domain) => ({ ...each, unicodeName: domainToUnicode(each.name) });

export function orgRoutes(app: App, parts: HttpParts): void {
  organisations(app, parts);
  domains(app, parts);
}

function organisations(app: App, { administration: { orgs, audit } }: HttpParts): void {
  const tags = ['organisations'];

  app.get(
    '/orgs',
    {
      config: { access: 'org:read' },
      schema: {
        tags,
        summary: 'Organisations that the caller sees',
        querystring: pageQuery,
        response: { 200: answer(pageOf(org)) },
      },
    },
    async (request) => {
      const { org: own } = callerIn(request);
      return own === undefined ? orgs.list(request.query) : { items: [await orgs.get(own)] };
    },
  );

  app.post(
    '/orgs',
    {
      config: { access: 'operator' },
      schema: { tags, summary: 'Makes an organisation', body: newOrg, response: { 201: answer(org) } },
    },
    async (request, reply) => reply.code(201).send(await orgs.create(actorIn(request), request.body)),
  );

  app.get(
    '/orgs/:org',
    {
      config: { access: 'org:read' },
      schema: { tags, summary: 'One organisation', params: orgPath, response: { 200: answer(org) } },
    },
    async (request) => orgs.get(request.params.org as OrgId),
  );

  app.patch(
    '/orgs/:org',
    {
      config: { access: 'org:write' },
      schema: {
        tags,
        summary: 'Changes an organisation',
        params: orgPath,
        body: orgEdit,
        response: { 200: answer(org) },
      },
    },
    async (request) => orgs.update(actorIn(request), request.params.org as OrgId, request.body),
  );

  app.delete(
    '/orgs/:org',
    {
      config: { access: 'operator' },
      schema: { tags, summary: 'Deletes an empty organisation', params: orgPath, response: { 204: nothing } },
    },
    async (request, reply) => {
      await orgs.delete(actorIn(request), request.params.org as OrgId);
      return reply.code(204).send();
    },
  );

  app.get(
    '/orgs/:org/audit',
    {
      config: { access: 'audit:read' },
      schema: {
        tags,
        summary: 'Administrative changes, the newest first',
        params: orgPath,
        querystring: pageQuery,
        response: { 200: answer(pageOf(auditRecord)) },
      },
    },
    async (request) => audit.list(request.params.org as OrgId, request.query),
  );

  app.get(
    '/audit',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'All changes on this server, the newest first',
        querystring: pageQuery,
        response: { 200: answer(pageOf(auditRecord)) },
      },
    },
    async (request) => audit.all(request.query),
  );
}

function domains(app: App, { administration: { domains: office, dkim }, signs }: HttpParts): void {
  const tags = ['domains'];

  app.get(
    '/orgs/:org/domains',
    {
      config: { access: 'domains:read' },
      schema: {
        tags,
        summary: 'Domains',
        params: orgPath,
        querystring: pageQuery,
        response: { 200: answer(pageOf(domain)) },
      },
    },
    async (request) => {
      const page = await office.list(request.params.org as OrgId, request.query);
      return { ...page, items: page.items.map(shownDomain) };
    },
  );

  app.post(
    '/orgs/:org/domains',
    {
      config: { access: 'domains:write' },
      schema: {
        tags,
        summary: 'Makes a domain',
        params: orgPath,
        body: newDomain,
        response: { 201: answer(domain) },
      },
    },
    async (request, reply) => {
      const org = request.params.org as OrgId;
      const made = await office.create(actorIn(request), org, request.body);
      // At once, so that whoever asks next for its DNS records is told of them; without them the domain is still made, and the keys are later.
      if (signs) await dkim.ensure(actorIn(request), { org, domain: made.name }).catch(() => {});
      return reply.code(201).send(shownDomain(made));
    },
  );

  app.get(
    '/orgs/:org/domains/:domain',
    {
      config: { access: 'domains:read' },
      schema: { tags, summary: 'One domain', params: domainPath, response: { 200: answer(domain) } },
    },
    async ({ params }) => shownDomain(await office.get(params.org as OrgId, params.domain)),
  );

  app.patch(
    '/orgs/:org/domains/:domain',
    {
      config: { access: 'domains:write' },
      schema: {
        tags,
        summary: 'Changes a domain',
        params: domainPath,
        body: domainEdit,
        response: { 200: answer(domain) },
      },
    },
    async (request) => {
      const { org: of, domain: name } = request.params;
      return shownDomain(await office.update(actorIn(request), { org: of as OrgId, name }, request.body));
    },
  );

  app.delete(
    '/orgs/:org/domains/:domain',
    {
      config: { access: 'domains:write' },
      schema: {
        tags,
        summary: 'Deletes a domain without addresses',
        params: domainPath,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await office.delete(actorIn(request), request.params.org as OrgId, request.params.domain);
      return reply.code(204).send();
    },
  );
}
