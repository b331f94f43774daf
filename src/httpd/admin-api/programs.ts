/** What an organisation's programs send with and get mail by, for its people: the same as `/v1/streams`, `/v1/templates` and so on have for the programs themselves. */
import * as Type from 'typebox';
import type { CredentialId, OrgId } from '../../base/ids.ts';
import type { InboundRoute, SendingDomain } from '../../directory/entities.ts';
import type { MailTemplate } from '../../relay/templates.ts';
import type { HttpParts } from '../parts.ts';
import {
  newInboundRoute,
  newSendingDomain,
  purpose,
  sendingDomain,
  sendingDomainList,
} from '../send-api/contract-inbound.ts';
import {
  newStream,
  newTemplate,
  renderRequest,
  rendering,
  stream,
  streamList,
  template,
  templatePage,
} from '../send-api/contract-template.ts';
import { rendered } from '../send-api/render.ts';
import { sendingDomainOf } from '../send-api/sending-domains.ts';
import { isoTime } from '../send-api/status.ts';
import { textsIn } from '../send-api/templates.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing } from './contract.ts';
import { inboundRouteItems, madeInboundRoute, templateQuery } from './contract-programs.ts';

const tags = ['programs'];
const inOrg = { org: Type.String() };
const listed = 50;

export function programRoutes(app: App, parts: HttpParts): void {
  streamRoutes(app, parts);
  inboundRoutes(app, parts);
  sendingDomainRoutes(app, parts);
  templateRoutes(app, parts);
}

function streamRoutes(app: App, { administration: { streams } }: HttpParts): void {
  app.get(
    '/orgs/:org/streams',
    {
      config: { access: 'messages:read' },
      schema: {
        tags,
        summary: 'Streams: kinds of mail that are kept apart',
        params: Type.Object(inOrg),
        response: { 200: answer(streamList) },
      },
    },
    async ({ params }) => {
      const found = await streams.list(params.org as OrgId);
      return { items: found.map(({ name, kind, unsubscribe }) => ({ name, kind, unsubscribe })) };
    },
  );

  const params = Type.Object({ ...inOrg, stream: Type.String({ maxLength: 40 }) });
  app.put(
    '/orgs/:org/streams/:stream',
    {
      config: { access: 'messages:manage' },
      schema: {
        tags,
        summary: 'Makes or changes a stream',
        params,
        body: newStream,
        response: { 200: answer(stream) },
      },
    },
    async (request) => {
      const wanted = { name: request.params.stream, ...request.body };
      const { name, kind, unsubscribe } = await streams.put(
        actorIn(request),
        request.params.org as OrgId,
        wanted,
      );
      return { name, kind, unsubscribe };
    },
  );

  app.delete(
    '/orgs/:org/streams/:stream',
    {
      config: { access: 'messages:manage' },
      schema: { tags, summary: 'Deletes a stream', params, response: { 204: nothing } },
    },
    async (request, reply) => {
      await streams.delete(actorIn(request), request.params.org as OrgId, request.params.stream);
      return reply.code(204).send();
    },
  );
}

const toldRoute = ({ id, pattern, domain, url, options, createdAtMs }: InboundRoute) => ({
  id,
  address: `${pattern}@${domain}`,
  url,
  ...options,
  createdAt: isoTime(createdAtMs),
});

function inboundRoutes(app: App, { administration: { inbound } }: HttpParts): void {
  app.get(
    '/orgs/:org/inbound-routes',
    {
      config: { access: 'messages:read' },
      schema: {
        tags,
        summary: 'Routes of mail to programs, without their secrets',
        params: Type.Object(inOrg),
        response: { 200: answer(inboundRouteItems) },
      },
    },
    async ({ params }) => ({ items: (await inbound.list(params.org as OrgId)).map(toldRoute) }),
  );

  app.post(
    '/orgs/:org/inbound-routes',
    {
      config: { access: 'messages:manage' },
      schema: {
        tags,
        summary: 'Sends mail for an address to a program',
        params: Type.Object(inOrg),
        body: newInboundRoute,
        response: { 201: answer(madeInboundRoute) },
      },
    },
    async (request, reply) => {
      const { address, url, raw, attachmentsMaxBytes } = request.body;
      const made = await inbound.create(actorIn(request), request.params.org as OrgId, {
        address,
        url,
        ...(raw !== undefined && { raw }),
        ...(attachmentsMaxBytes !== undefined && { attachmentsMaxBytes }),
      });
      return reply.code(201).send({ ...toldRoute(made), secret: made.secret });
    },
  );

  app.delete(
    '/orgs/:org/inbound-routes/:id',
    {
      config: { access: 'messages:manage' },
      schema: {
        tags,
        summary: 'Deletes a route',
        params: Type.Object({ ...inOrg, id: Type.String({ maxLength: 40 }) }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { org, id } = request.params;
      await inbound.delete(actorIn(request), org as OrgId, id as CredentialId);
      return reply.code(204).send();
    },
  );
}

function sendingDomainRoutes(app: App, parts: HttpParts): void {
  const { sendingDomains } = parts.administration;
  const told = (domain: SendingDomain) => sendingDomainOf(parts.send, domain);
  app.get(
    '/orgs/:org/sending-domains',
    {
      config: { access: 'messages:read' },
      schema: {
        tags,
        summary: 'Domains of bounces and links, held against DNS',
        params: Type.Object(inOrg),
        response: { 200: answer(sendingDomainList) },
      },
    },
    async ({ params }) => ({
      items: await Promise.all((await sendingDomains.list(params.org as OrgId)).map(told)),
    }),
  );

  const params = Type.Object({ ...inOrg, purpose });
  app.put(
    '/orgs/:org/sending-domains/:purpose',
    {
      config: { access: 'messages:manage' },
      schema: {
        tags,
        summary: 'Sets the domain of bounces, or of links',
        params,
        body: newSendingDomain,
        response: { 200: answer(sendingDomain) },
      },
    },
    async (request) => {
      const given = { purpose: request.params.purpose, name: request.body.name };
      return told(await sendingDomains.put(actorIn(request), request.params.org as OrgId, given));
    },
  );

  app.delete(
    '/orgs/:org/sending-domains/:purpose',
    {
      config: { access: 'messages:manage' },
      schema: { tags, summary: 'Goes back to the usual domain', params, response: { 204: nothing } },
    },
    async (request, reply) => {
      await sendingDomains.delete(actorIn(request), request.params.org as OrgId, request.params.purpose);
      return reply.code(204).send();
    },
  );
}

const toldTemplate = ({ createdAtMs, texts, ...rest }: MailTemplate) => ({
  ...rest,
  ...texts,
  createdAt: isoTime(createdAtMs),
});

function templateRoutes(app: App, { send, administration: { audit } }: HttpParts): void {
  const { templates, renderer } = send;
  app.get(
    '/orgs/:org/templates',
    {
      config: { access: 'messages:read' },
      schema: {
        tags,
        summary: 'Templates, the newest version of each',
        params: Type.Object(inOrg),
        querystring: templateQuery,
        response: { 200: answer(templatePage) },
      },
    },
    async ({ params, query: { limit = listed, cursor } }) => {
      const page = { limit, ...(cursor !== undefined && { after: cursor }) };
      const { items, next } = await templates.list(params.org, page);
      return { items: items.map(toldTemplate), ...(next !== undefined && { next }) };
    },
  );

  const params = Type.Object({ ...inOrg, name: Type.String({ maxLength: 100 }) });
  app.put(
    '/orgs/:org/templates/:name',
    {
      config: { access: 'messages:manage' },
      schema: {
        tags,
        summary: 'Makes a template, or a new version of it',
        params,
        body: newTemplate,
        response: { 200: answer(template) },
      },
    },
    async (request) => {
      const { org, name } = request.params;
      const { strict, note, ...given } = request.body;
      const texts = textsIn(given);
      // A template that cannot be read is not kept: what it inserts is not known yet.
      await rendered(renderer, { texts, data: {}, strict: false });
      const input = { texts, ...(strict !== undefined && { strict }), ...(note !== undefined && { note }) };
      const actor = actorIn(request);
      const made = await templates.put(org, name, input, actor.by);
      const detail = { version: made.version };
      await audit.note(actor, { org, action: 'template.put', subject: name, detail });
      return toldTemplate(made);
    },
  );

  app.delete(
    '/orgs/:org/templates/:name',
    {
      config: { access: 'messages:manage' },
      schema: {
        tags,
        summary: 'Deletes a template with all its versions',
        params,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { org, name } = request.params;
      await templates.delete(org, name);
      await audit.note(actorIn(request), { org, action: 'template.delete', subject: name });
      return reply.code(204).send();
    },
  );

  app.post(
    '/orgs/:org/template-trial',
    {
      config: { access: 'messages:read' },
      schema: {
        tags,
        summary: 'Shows what texts become with some data',
        params: Type.Object(inOrg),
        body: renderRequest,
        response: { 200: answer(rendering) },
      },
    },
    async ({ body: { data, strict = false, version: _version, ...texts } }) =>
      rendered(renderer, { texts: textsIn(texts), data, strict }),
  );
}
