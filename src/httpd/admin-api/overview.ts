/** Questions that are not asked within one organisation: whose is this address, what happens to its mail, how full are mailboxes. */
import type { FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import type { OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { explain, type ExplainedStep } from '../../directory/explanation.ts';
import type { HttpParts } from '../parts.ts';
import { callerIn } from './access.ts';
import type { App } from './app.ts';
import { answer, pageOf, pageQuery, language } from './contract.ts';
import { account, usage } from './contract-account.ts';
import { explanation } from './contract-address.ts';
import { domain } from './contract-org.ts';
import { stepText, summaryText, type Beyond, type Language } from './explanation-words.ts';
import { shownDomain } from './orgs.ts';

const addressPath = Type.Object({ address: Type.String() });
const explainQuery = Type.Object({ language: Type.Optional(language) }, { additionalProperties: false });
/** As intake has it. */
const depthMax = 10;
/** Steps that are told: nobody reads more. */
const stepsMax = 200;

export function overviewRoutes(app: App, parts: HttpParts): void {
  owners(app, parts);
  usages(app, parts);
  explanations(app, parts);
}

/** What belongs to another organisation than the caller's does not exist for it. */
function visible<T extends { readonly org: OrgId }>(request: FastifyRequest, found: T): T {
  const { org } = callerIn(request);
  if (org !== undefined && found.org !== org) throw new Refusal('notFound', 'not here');
  return found;
}

function owners(app: App, { administration: { accounts, domains } }: HttpParts): void {
  app.get(
    '/domains',
    {
      config: { access: 'domains:read' },
      schema: {
        tags: ['domains'],
        summary: 'Domains of all organisations that the caller sees',
        querystring: pageQuery,
        response: { 200: answer(pageOf(domain)) },
      },
    },
    async (request) => {
      const { org } = callerIn(request);
      const page = await (org === undefined ? domains.all(request.query) : domains.list(org, request.query));
      return { ...page, items: page.items.map(shownDomain) };
    },
  );

  app.get(
    '/domains/:domain',
    {
      config: { access: 'domains:read' },
      schema: {
        tags: ['domains'],
        summary: 'A domain, whichever organisation has it',
        params: Type.Object({ domain: Type.String() }),
        response: { 200: answer(domain) },
      },
    },
    async (request) => shownDomain(visible(request, await domains.named(request.params.domain))),
  );

  app.get(
    '/accounts',
    {
      config: { access: 'accounts:read' },
      schema: {
        tags: ['accounts'],
        summary: 'Accounts of all organisations that the caller sees',
        querystring: pageQuery,
        response: { 200: answer(pageOf(account)) },
      },
    },
    async (request) => {
      const { org } = callerIn(request);
      return org === undefined ? accounts.all(request.query) : accounts.list(org, request.query);
    },
  );

  app.get(
    '/accounts/:address',
    {
      config: { access: 'accounts:read' },
      schema: {
        tags: ['accounts'],
        summary: 'The account with this address',
        params: addressPath,
        response: { 200: answer(account) },
      },
    },
    async (request) => visible(request, await accounts.named(request.params.address)),
  );
}

function usages(app: App, { administration: { accounts }, usageOf }: HttpParts): void {
  const tags = ['quotas'];

  app.get(
    '/orgs/:org/quotas',
    {
      config: { access: 'accounts:read' },
      schema: {
        tags,
        summary: 'How full the mailboxes of an organisation are',
        params: Type.Object({ org: Type.String() }),
        querystring: pageQuery,
        response: { 200: answer(pageOf(usage)) },
      },
    },
    async ({ params, query }) => {
      const page = await accounts.list(params.org as OrgId, query);
      const used = await usageOf(page.items.map(({ id }) => id));
      const items = page.items.map(({ id, name, quotaBytes: limitBytes }) => {
        const { usedBytes = 0, emails = 0 } = used.get(id) ?? {};
        return { account: id, name, usedBytes, limitBytes, emails };
      });
      return { items, ...(page.next === undefined ? {} : { next: page.next }) };
    },
  );
}

function explanations(app: App, parts: HttpParts): void {
  app.get(
    '/addresses/:address/explanation',
    {
      config: { access: 'addresses:read' },
      schema: {
        tags: ['addresses'],
        summary: 'What happens to mail for an address, step by step',
        params: addressPath,
        querystring: explainQuery,
        response: { 200: answer(explanation) },
      },
    },
    async (request) => {
      const { org } = callerIn(request);
      const { language: spoken = 'en' } = request.query;
      const options = { org, depthMax, stepsMax };
      const found = await explain(parts.directory, request.params.address, options);
      const steps = await Promise.all(
        found.steps.map(async (step) => told(step, await beyond(parts, step), spoken)),
      );
      const { asked, verdict } = found;
      return { asked, verdict, summary: summaryText(found, spoken), steps };
    },
  );
}

async function beyond({ usageOf, nextHop, directory }: HttpParts, step: ExplainedStep): Promise<Beyond> {
  if (step.is === 'remote') return { nextHop: await nextHop(step.domain) };
  if (step.is !== 'account') return {};
  const limitBytes = (await directory.account(step.account))?.quotaBytes ?? 0;
  const used = (await usageOf([step.account])).get(step.account);
  return { usage: { usedBytes: used?.usedBytes ?? 0, limitBytes } };
}

function told(step: ExplainedStep, known: Beyond, spoken: Language) {
  const { depth, address, is } = step;
  return { depth, address, is, text: stepText(step, known, spoken) };
}
