/** What crosses the admin API about DMARC and TLS reports, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, oneOf, text, time } from './contract.ts';

const daysMax = 1000;

export const reportQuery = closed({
  days: Type.Optional(
    Type.Integer({ minimum: 1, maximum: daysMax, description: 'Back from now; 30 unless told.' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: '100 unless told.' })),
});

const head = {
  id: Type.String(),
  reporter: Type.String({ description: 'Who sent it.' }),
  reportId: Type.String(),
  beganAtMs: time('It is about time from here.'),
  endedAtMs: time('It is about time until here.'),
  receivedAtMs: time('Came at.'),
};

const dmarcReportItem = Type.Object({
  ...head,
  messages: Type.Integer(),
  passed: Type.Integer({ description: 'Messages that passed DMARC.' }),
  policy: Type.Record(Type.String(), Type.String(), { description: 'As it was published then.' }),
});
export type DmarcReportItem = Static<typeof dmarcReportItem>;
export const dmarcReportList = Type.Object({ items: Type.Array(dmarcReportItem) });

const kind = oneOf(
  ['own', 'aligned', 'partly', 'service', 'forwarder', 'unknown'],
  '`own`: this server. `aligned`: proves the domain. `partly`: for some of its mail. `service`: proves to be somebody else, and wants a key of the domain. `forwarder`: hands on. `unknown`: proves nothing.',
);
const dmarcSource = Type.Object({
  sourceIp: Type.String(),
  kind,
  host: Type.String({ description: 'A name that leads back to the address, or empty.' }),
  organisation: Type.String({ description: 'A guess, or empty.' }),
  messages: Type.Integer(),
  passed: Type.Integer(),
  dkim: Type.Integer({ description: 'Messages with an aligned signature.' }),
  spf: Type.Integer({ description: 'Messages with an aligned sender.' }),
  quarantined: Type.Integer(),
  rejected: Type.Integer(),
  lastAtMs: time('Last seen.'),
});
export type DmarcSource = Static<typeof dmarcSource>;
export const dmarcSourceList = Type.Object({ items: Type.Array(dmarcSource) });

export const dmarcPath = Type.Object({
  safe: Type.Boolean({ description: 'Mail that does not prove to be the domain’s may be refused.' }),
  next: Type.Optional(Type.String({ description: 'What to publish next. Absent: nothing, or not yet.' })),
  policy: Type.Optional(Type.String({ description: 'What the domain asks for now.' })),
  days: Type.Integer({ description: 'Days that reports are about.' }),
  obstacles: Type.Array(
    Type.Object({
      is: oneOf(['noRecord', 'noReports', 'fewDays', 'oneReporter', 'oldReports', 'source', 'unknownMuch']),
      days: Type.Optional(Type.Integer()),
      wanted: Type.Optional(Type.Integer()),
      kind: Type.Optional(kind),
      sourceIp: Type.Optional(Type.String()),
      failed: Type.Optional(Type.Integer({ description: 'Messages that would be refused.' })),
    }),
  ),
  refused: Type.Record(Type.String(), Type.Integer(), {
    description: 'Messages that would have been refused, by kind of their source.',
  }),
  coverage: Type.Object({
    reports: Type.Integer(),
    reporters: Type.Integer(),
    firstAtMs: time('From'),
    lastAtMs: time('Until'),
    messages: Type.Integer(),
    passed: Type.Integer(),
  }),
  sources: Type.Array(dmarcSource, { description: 'Those whose mail would be refused.' }),
});
export type DmarcPath = Static<typeof dmarcPath>;

const tlsReportItem = Type.Object({
  ...head,
  successes: Type.Integer({ description: 'Sessions that were encrypted as asked for.' }),
  failures: Type.Integer(),
  policies: Type.Array(
    Type.Object({
      type: Type.String(),
      domain: Type.String(),
      successes: Type.Integer(),
      failures: Type.Integer(),
      details: Type.Array(
        Type.Object({
          result: Type.String(),
          sendingIp: Type.String(),
          receivingHost: Type.String(),
          receivingIp: Type.String(),
          sessions: Type.Integer(),
          code: Type.String(),
          information: Type.String(),
        }),
      ),
    }),
  ),
});
export type TlsReportItem = Static<typeof tlsReportItem>;
export const tlsReportList = Type.Object({ items: Type.Array(tlsReportItem) });

export const reportFile = closed({ file: text('The report, perhaps packed, in base 64.', 1_000_000) });
export const takenReports = Type.Object({
  items: Type.Array(
    Type.Object({
      kind: oneOf(['dmarc', 'tls']),
      domain: Type.String(),
      isNew: Type.Boolean({ description: 'False: it was known.' }),
    }),
  ),
});

const reportJob = Type.Object({
  kind: oneOf(['dmarc', 'tls']),
  day: Type.String(),
  domain: Type.String(),
  state: oneOf(['waiting', 'sent', 'skipped', 'failed']),
  detail: Type.String({ description: 'To whom, or why not.' }),
  dueMs: time('Sent, or tried again, at.'),
  tries: Type.Integer(),
});
export type ReportJobItem = Static<typeof reportJob>;
export const reportJobList = Type.Object({ items: Type.Array(reportJob) });
export const reportsToSend = closed({
  day: Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    description: 'UTC; of today: what was counted until now.',
  }),
  domain: Type.Optional(text('Of this one alone.', 255)),
});
export const sentReportCount = Type.Object({ count: Type.Integer() });
