/** `/v1/templates`: kept, changed, tried. */
import * as Type from 'typebox';
import type { OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { MailTemplate } from '../../relay/templates.ts';
import type { TemplateTexts } from '../../relay/renderer.ts';
import type { App } from '../admin-api/app.ts';
import { answer, nothing } from '../admin-api/contract.ts';
import type { HttpParts } from '../parts.ts';
import { senderIn } from './access.ts';
import type { SendCaller } from './caller.ts';
import { newTemplate, renderRequest, rendering, template, templatePage } from './contract-template.ts';
import { rendered } from './render.ts';
import { isoTime } from './status.ts';

const tags = ['templates'];
const params = Type.Object({ name: Type.String({ maxLength: 100 }) });
const listed = 50;

/** The operator names the organisation, unless there is but one. */
export async function orgOf(
  { administration }: Pick<HttpParts, 'administration'>,
  { org }: SendCaller,
): Promise<OrgId> {
  if (org !== undefined) return org;
  const [only, ...more] = (await administration.orgs.list({ limit: 2 })).items;
  if (only !== undefined && more.length === 0) return only.id;
  throw new Refusal('invalid', 'name the organisation', { at: 'Hikyaku-Org' });
}

const told = ({ createdAtMs, texts, ...rest }: MailTemplate) => ({
  ...rest,
  ...texts,
  createdAt: isoTime(createdAtMs),
});

export const textsIn = ({ subject, text, html }: TemplateTexts): TemplateTexts => ({
  ...(subject !== undefined && { subject }),
  ...(text !== undefined && { text }),
  ...(html !== undefined && { html }),
});

export function templateRoutes(app: App, parts: HttpParts): void {
  const { templates } = parts.send;
  app.get(
    '/templates',
    {
      config: { needs: 'messages:read' },
      schema: {
        tags,
        operationId: 'listTemplates',
        summary: 'Templates, the newest version of each',
        querystring: Type.Object({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
          cursor: Type.Optional(Type.String({ maxLength: 100 })),
        }),
        response: { 200: answer(templatePage) },
      },
    },
    async (request) => {
      const { limit = listed, cursor } = request.query;
      const page = { limit, ...(cursor !== undefined && { after: cursor }) };
      const { items, next } = await templates.list(await orgOf(parts, senderIn(request)), page);
      return { items: items.map(told), next };
    },
  );

  app.get(
    '/templates/:name',
    {
      config: { needs: 'messages:read' },
      schema: {
        tags,
        operationId: 'getTemplate',
        summary: 'One template',
        params,
        querystring: Type.Object({ version: Type.Optional(Type.Integer({ minimum: 1 })) }),
        response: { 200: answer(template) },
      },
    },
    async (request) =>
      told(
        await templates.get(
          await orgOf(parts, senderIn(request)),
          request.params.name,
          request.query.version,
        ),
      ),
  );

  app.put(
    '/templates/:name',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'putTemplate',
        summary: 'Makes a template, or a new version of it',
        params,
        body: newTemplate,
        response: { 200: answer(template) },
      },
    },
    async (request) => {
      const caller = senderIn(request);
      const { strict, note, ...texts } = request.body;
      const input = {
        texts: textsIn(texts),
        ...(strict !== undefined && { strict }),
        ...(note !== undefined && { note }),
      };
      // A template that cannot be read is not kept: what it inserts is not known yet.
      await rendered(parts.send.renderer, { texts: input.texts, data: {}, strict: false });
      return told(await templates.put(await orgOf(parts, caller), request.params.name, input, caller.by));
    },
  );

  app.delete(
    '/templates/:name',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'deleteTemplate',
        summary: 'Deletes a template with all its versions',
        params,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await templates.delete(await orgOf(parts, senderIn(request)), request.params.name);
      return reply.code(204).send();
    },
  );

  app.post(
    '/templates/:name/render',
    {
      config: { needs: 'messages:read' },
      schema: {
        tags,
        operationId: 'renderTemplate',
        summary: 'Shows what a template, or a change of it, becomes with some data',
        params,
        body: renderRequest,
        response: { 200: answer(rendering) },
      },
    },
    async (request) => {
      const { data, strict, version, ...changed } = request.body;
      const given = textsIn(changed);
      const org = await orgOf(parts, senderIn(request));
      const found = await templates.get(org, request.params.name, version).catch((error: unknown) => {
        if (Object.keys(given).length > 0) return undefined;
        throw error;
      });
      const texts = { ...found?.texts, ...given };
      return rendered(parts.send.renderer, { texts, data, strict: strict ?? found?.strict ?? false });
    },
  );
}
