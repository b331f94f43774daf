/** Reports about our domains that others sent, and those that we send. */
import * as Type from 'typebox';
import type { OrgId } from '../../base/ids.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { answer } from './contract.ts';
import {
  dmarcPath,
  dmarcReportList,
  dmarcSourceList,
  reportFile,
  reportJobList,
  reportQuery,
  reportsToSend,
  sentReportCount,
  takenReports,
  tlsReportList,
} from './contract-reports.ts';

const tags = ['reports'];
const params = Type.Object({ org: Type.String(), domain: Type.String() });
const daysDefault = 30;
const limitDefault = 100;

interface Key {
  readonly org: OrgId;
  readonly domain: string;
}

export function reportRoutes(app: App, parts: HttpParts): void {
  const { administration } = parts;
  /** Refusal: notFound. */
  const keyOf = async (given: { org: string; domain: string }): Promise<Key> => {
    const org = given.org as OrgId;
    return { org, domain: (await administration.domains.get(org, given.domain)).name };
  };
  receivedRoutes(app, parts, keyOf);
  pathRoutes(app, parts, keyOf);
  sentRoutes(app, parts);
}

type KeyOf = (given: { org: string; domain: string }) => Promise<Key>;

function receivedRoutes(app: App, { reports, administration: { audit } }: HttpParts, keyOf: KeyOf): void {
  app.get(
    '/orgs/:org/domains/:domain/dmarc/reports',
    {
      config: { access: 'stats:read' },
      schema: {
        tags,
        summary: 'DMARC reports about a domain, the newest first',
        params,
        querystring: reportQuery,
        response: { 200: answer(dmarcReportList) },
      },
    },
    async (request) => {
      const { days = daysDefault, limit = limitDefault } = request.query;
      const items = await reports.dmarcReports(await keyOf(request.params), days, limit);
      return { items: items.map((item) => ({ ...item, policy: { ...item.policy } })) };
    },
  );
  app.get(
    '/orgs/:org/domains/:domain/tls-reports',
    {
      config: { access: 'stats:read' },
      schema: {
        tags,
        summary: 'TLS reports about a domain, the newest first',
        params,
        querystring: reportQuery,
        response: { 200: answer(tlsReportList) },
      },
    },
    async (request) => {
      const { days = daysDefault, limit = limitDefault } = request.query;
      return { items: await reports.tlsReports(await keyOf(request.params), days, limit) };
    },
  );
  app.post(
    '/orgs/:org/domains/:domain/reports',
    {
      config: { access: 'domains:write' },
      schema: {
        tags,
        summary: 'Takes a report that came in another way',
        params,
        body: reportFile,
        response: { 200: answer(takenReports) },
      },
    },
    async (request) => {
      const key = await keyOf(request.params);
      const deed = { org: key.org, action: 'report.import', subject: key.domain };
      await audit.note(actorIn(request), deed);
      return { items: await reports.take(key, Buffer.from(request.body.file, 'base64')) };
    },
  );
}

function pathRoutes(app: App, { reports }: HttpParts, keyOf: KeyOf): void {
  app.get(
    '/orgs/:org/domains/:domain/dmarc/sources',
    {
      config: { access: 'stats:read' },
      schema: {
        tags,
        summary: 'Who sends in the name of a domain, by DMARC reports',
        description: 'Those with the most mail that proves nothing first.',
        params,
        querystring: reportQuery,
        response: { 200: answer(dmarcSourceList) },
      },
    },
    async (request) => {
      const { days = daysDefault, limit = limitDefault } = request.query;
      return { items: await reports.sources(await keyOf(request.params), days, limit) };
    },
  );
  app.get(
    '/orgs/:org/domains/:domain/dmarc/path',
    {
      config: { access: 'stats:read' },
      schema: {
        tags,
        summary: 'Whether p=reject is safe for a domain, or why not yet',
        params,
        querystring: reportQuery,
        response: { 200: answer(dmarcPath) },
      },
    },
    async (request) => {
      const { days = daysDefault } = request.query;
      return reports.path(await keyOf(request.params), days);
    },
  );
}

function sentRoutes(app: App, { sentReports, administration: { audit } }: HttpParts): void {
  app.get(
    '/sent-reports',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Reports that this server sends, the newest first',
        response: { 200: answer(reportJobList) },
      },
    },
    async () => ({ items: await sentReports.jobs() }),
  );
  app.post(
    '/sent-reports',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Sends the reports of a day now',
        body: reportsToSend,
        response: { 200: answer(sentReportCount) },
      },
    },
    async (request) => {
      const { day, domain = '' } = request.body;
      await audit.note(actorIn(request), { org: '', action: 'report.send', subject: day });
      return { count: await sentReports.send(day, domain) };
    },
  );
}
