/** Aliases, groups, forwards, and rewriting rules. */
import * as Type from 'typebox';
import type { OrgId } from '../../base/ids.ts';
import { routeKinds, type Route, type RouteKind } from '../../directory/entities.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing, pageOf, pageQuery } from './contract.ts';
import { direction, newRoute, rewrite, rewriteEdit, route, routeEdit } from './contract-address.ts';

const orgPath = Type.Object({ org: Type.String() });
const addressPath = Type.Object({ org: Type.String(), address: Type.String() });
const rulePath = Type.Object({ org: Type.String(), direction, from: Type.String() });

const plural: Record<RouteKind, string> = { alias: 'aliases', group: 'groups', forward: 'forwards' };
const shown = (each: Route) => ({ ...each, targets: [...each.targets] });

export function addressRoutes(app: App, parts: HttpParts): void {
  for (const kind of routeKinds) routesOf(kind, app, parts);
  rewrites(app, parts);
}

function routesOf(kind: RouteKind, app: App, { administration: { routes } }: HttpParts): void {
  const tags = [plural[kind]];
  const base = `/orgs/:org/${plural[kind]}` as const;

  app.get(
    base,
    {
      config: { access: 'addresses:read' },
      schema: {
        tags,
        summary: `All ${plural[kind]}`,
        params: orgPath,
        querystring: pageQuery,
        response: { 200: answer(pageOf(route)) },
      },
    },
    async ({ params, query }) => {
      const page = await routes.list(params.org as OrgId, kind, query);
      return { ...page, items: page.items.map(shown) };
    },
  );

  app.post(
    base,
    {
      config: { access: 'addresses:write' },
      schema: {
        tags,
        summary: `Makes one`,
        params: orgPath,
        body: newRoute,
        response: { 201: answer(route) },
      },
    },
    async (request, reply) => {
      const { address, ...input } = request.body;
      const ref = { org: request.params.org as OrgId, kind, address };
      return reply.code(201).send(shown(await routes.create(actorIn(request), ref, input)));
    },
  );

  app.get(
    `${base}/:address`,
    {
      config: { access: 'addresses:read' },
      schema: { tags, summary: 'One of them', params: addressPath, response: { 200: answer(route) } },
    },
    async ({ params: { org, address } }) => shown(await routes.get({ org: org as OrgId, kind, address })),
  );

  app.put(
    `${base}/:address`,
    {
      config: { access: 'addresses:write' },
      schema: {
        tags,
        summary: 'Replaces its targets',
        params: addressPath,
        body: routeEdit,
        response: { 200: answer(route) },
      },
    },
    async (request) => {
      const { org, address } = request.params;
      return shown(
        await routes.replace(actorIn(request), { org: org as OrgId, kind, address }, request.body),
      );
    },
  );

  app.delete(
    `${base}/:address`,
    {
      config: { access: 'addresses:write' },
      schema: { tags, summary: 'Deletes it', params: addressPath, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { org, address } = request.params;
      await routes.delete(actorIn(request), { org: org as OrgId, kind, address });
      return reply.code(204).send();
    },
  );
}

function rewrites(app: App, { administration: { rewrites: office } }: HttpParts): void {
  const tags = ['rewrites'];

  app.get(
    '/orgs/:org/rewrites',
    {
      config: { access: 'rewrites:read' },
      schema: {
        tags,
        summary: 'Rewriting rules',
        params: orgPath,
        querystring: pageQuery,
        response: { 200: answer(pageOf(rewrite)) },
      },
    },
    async ({ params, query }) => office.list(params.org as OrgId, query),
  );

  app.put(
    '/orgs/:org/rewrites/:direction/:from',
    {
      config: { access: 'rewrites:write' },
      schema: {
        tags,
        summary: 'Makes or replaces a rule',
        params: rulePath,
        body: rewriteEdit,
        response: { 200: answer(rewrite) },
      },
    },
    async (request) => {
      const { org, direction: way, from } = request.params;
      return office.put(actorIn(request), org as OrgId, { direction: way, from, ...request.body });
    },
  );

  app.delete(
    '/orgs/:org/rewrites/:direction/:from',
    {
      config: { access: 'rewrites:write' },
      schema: { tags, summary: 'Deletes a rule', params: rulePath, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { org, direction: way, from } = request.params;
      await office.delete(actorIn(request), org as OrgId, { direction: way, from });
      return reply.code(204).send();
    },
  );
}
