/**
 * Moving in and out: mailboxes made as they were, messages in great number, what came of an import, scripts. For the operator of the server alone: whoever moves
 * mail sees it.
 */
import { Readable } from 'node:stream';
import * as Type from 'typebox';
import type { AccountId, MailboxId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { importMax, type Imported } from '../../mailbox/imports.ts';
import type { MailboxInfo } from '../../mailbox/mailbox.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing } from './contract.ts';
import {
  exportQuery,
  flagsFollowed,
  importedAnswer,
  importedQuery,
  importQuery,
  mailbox,
  movingBegun,
  sourceQuery,
  taken,
  wantedMailbox,
} from './contract-moving.ts';
import { exportFrames } from './export-frames.ts';
import { receivedFrames } from './import-frames.ts';
import { flagsOf, shownFlags } from './moving-flags.ts';

const path = Type.Object({ account: Type.String({ maxLength: 40, description: 'Id of the account.' }) });
const tags = ['moving'];
const access = { access: 'operator' } as const;
const base = '/moving/:account' as const;
/** Rows of a page: some 200 KB of JSON. */
const pageItems = 1000;

type Params = { readonly account: string };

export function movingRoutes(app: App, parts: HttpParts): void {
  // Frames are read as they come.
  app.addContentTypeParser('application/octet-stream', (_, payload, done) => done(null, payload));
  beginRoute(app, parts);
  mailboxRoutes(app, parts);
  importRoutes(app, parts);
  followRoutes(app, parts);
  exportRoute(app, parts);
}

/** The account, which must be there. */
async function accountOf({ directory }: HttpParts, { account }: Params): Promise<AccountId> {
  const found = await directory.account(account as AccountId);
  if (found === undefined) throw new Refusal('notFound', 'no such account');
  return found.id;
}

function beginRoute(app: App, { administration }: HttpParts): void {
  app.post(
    '/orgs/:org/accounts/:account/moving',
    {
      config: { access: 'accounts:write' },
      schema: {
        tags,
        summary: 'Notes in the audit log that mail of an account is moved in or out',
        description: 'To be said once, before the other calls, which are not noted each.',
        params: Type.Object({ org: Type.String(), account: Type.String() }),
        body: movingBegun,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { org, account } = request.params;
      const ref = { org: org as OrgId, id: account as AccountId };
      await administration.accounts.noteMoving(actorIn(request), ref, request.body);
      return reply.code(204).send();
    },
  );
}

function mailboxRoutes(app: App, parts: HttpParts): void {
  const { mailboxes, imports } = parts;
  app.get(
    `${base}/mailboxes`,
    {
      config: access,
      schema: {
        tags,
        summary: 'Mailboxes with their sizes',
        params: path,
        response: { 200: answer(Type.Object({ items: Type.Array(mailbox) })) },
      },
    },
    async ({ params }) => ({
      items: (await mailboxes.list(await accountOf(parts, params))).map(shown),
    }),
  );

  app.put(
    `${base}/mailboxes`,
    {
      config: access,
      schema: {
        tags,
        summary: 'Makes a mailbox if it is not there',
        description:
          'It gets the role if nobody has it, or a mailbox that was never used, which then goes. What is there is subscribed to if that is wanted, and else left as it is.',
        params: path,
        body: wantedMailbox,
        response: { 200: answer(mailbox) },
      },
    },
    async ({ params, body }) => shown(await imports.ensureMailbox(await accountOf(parts, params), body)),
  );
}

const shown = ({ id, name, role, subscribed, uidValidity, total, sizeBytes }: MailboxInfo) => ({
  id,
  name,
  ...(role !== undefined && { role }),
  subscribed,
  uidValidity,
  messages: total,
  sizeBytes,
});

function importRoutes(app: App, parts: HttpParts): void {
  const { imports } = parts;
  app.post(
    `${base}/import`,
    {
      config: access,
      schema: {
        tags,
        summary: 'Takes messages, each once',
        description: `Up to ${importMax} frames: the length of a head (4 octets), the head (JSON: key, flags, receivedAtMs, uidl, adopt), the length of the message (6 octets), the message. All are taken or none; those whose key has come before from this source are not taken again.`,
        params: path,
        querystring: importQuery,
        consumes: ['application/octet-stream'],
        response: { 200: answer(taken) },
      },
    },
    async ({ params, query, body }) => {
      const account = await accountOf(parts, params);
      const messages = await receivedFrames(parts.mailboxes, body);
      const to = { account, mailbox: query.mailbox as MailboxId, source: query.source };
      return { items: await imports.take(to, messages) };
    },
  );

  app.delete(
    `${base}/import`,
    {
      config: access,
      schema: {
        tags,
        summary: 'Forgets what came from a source',
        description: 'The mail stays.',
        params: path,
        querystring: sourceQuery,
        response: { 204: nothing },
      },
    },
    async ({ params, query }, reply) => {
      await imports.forget(await accountOf(parts, params), query.source);
      return reply.code(204).send();
    },
  );
}

function followRoutes(app: App, parts: HttpParts): void {
  const { imports } = parts;
  app.get(
    `${base}/import`,
    {
      config: access,
      schema: {
        tags,
        summary: 'What came from a source, by key',
        params: path,
        querystring: importedQuery,
        response: { 200: importedAnswer },
      },
    },
    async ({ params, query: { source, after = '' } }) => {
      const found = await imports.page(await accountOf(parts, params), source, { after, limit: pageItems });
      return { items: found.map(shownImported), more: found.length === pageItems };
    },
  );

  app.post(
    `${base}/import/flags`,
    {
      config: access,
      schema: {
        tags,
        summary: 'Takes over changes of flags',
        description:
          'What the source changed since the message came is changed here; what was changed here alone stays.',
        params: path,
        querystring: sourceQuery,
        body: flagsFollowed,
        response: { 204: nothing },
      },
    },
    async ({ params, query: { source }, body }, reply) => {
      const account = await accountOf(parts, params);
      const changes = [];
      for (const { key, flags } of body.items) {
        const known = await imports.find(account, source, key);
        if (known !== undefined) changes.push({ imported: known, flags: flagsOf(flags) });
      }
      await imports.followFlags(account, source, changes);
      return reply.code(204).send();
    },
  );
}

const shownImported = ({ key, mailbox: place, uid, hash, flags, now }: Imported) => ({
  key,
  mailbox: place,
  uid,
  hash,
  flags: shownFlags(flags),
  ...(now !== undefined && { now: { ...now, flags: shownFlags(now.flags) } }),
});

function exportRoute(app: App, parts: HttpParts): void {
  app.get(
    `${base}/export`,
    {
      config: access,
      schema: {
        tags,
        summary: 'The messages of a mailbox, by uid',
        description: 'Frames as for the import; the head has uid, flags and receivedAtMs.',
        params: path,
        querystring: exportQuery,
        produces: ['application/octet-stream'],
      },
    },
    async ({ params, query }, reply) => {
      const account = await accountOf(parts, params);
      const { mailbox: id, after = 0 } = query;
      const session = await parts.mailboxes.open(account, id as MailboxId);
      void reply.type('application/octet-stream');
      return reply.send(Readable.from(exportFrames(parts.mailboxes, { account, session, after })));
    },
  );
}
