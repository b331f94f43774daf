/** What readers of mail set for themselves: where their mail goes on to, what sleeps until when, and the labels that they have given names and colours. */
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import { emailId, emailNumber, mailboxNumber } from '../../mailbox/ids.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn, callerIn } from './access.ts';
import type { App } from './app.ts';
import { onlyPublic } from '../../net/dialer.ts';
import { WebPoster } from '../../net/web-post.ts';
import { answer, nothing } from './contract.ts';
import { leaveList } from './unsubscribing.ts';
import { accountForward } from './contract-account.ts';
import {
  labelList,
  snoozeDone,
  snoozedList,
  snoozing,
  unsubscribing,
  type Label,
} from './contract-self-mail.ts';

const tags = ['self'];
const access = 'password';

export function selfMailRoutes(app: App, parts: HttpParts): void {
  forwardRoutes(app, parts);
  labelRoutes(app, parts);
  snoozeRoutes(app, parts);
  listRoutes(app, parts);
}

/** The account of the caller, in its own organisation. */
async function own({ directory }: Pick<HttpParts, 'directory'>, request: FastifyRequest) {
  const { account } = callerIn(request);
  const found = account === '' ? undefined : await directory.account(account);
  if (!found) throw new Refusal('notFound', 'no account');
  return { org: found.org, id: found.id };
}

function forwardRoutes(app: App, parts: HttpParts): void {
  const { accounts } = parts.administration;
  app.get(
    '/me/forward',
    {
      config: { access },
      schema: { tags, summary: 'Where one’s own mail goes on to', response: { 200: answer(accountForward) } },
    },
    async (request) => {
      const { targets, keepCopy } = await accounts.forward(await own(parts, request));
      return { targets: [...targets], keepCopy };
    },
  );

  app.put(
    '/me/forward',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Sends one’s own mail on; no targets: no longer',
        body: accountForward,
        response: { 200: answer(accountForward) },
      },
    },
    async (request) => {
      const ref = await own(parts, request);
      const { targets, keepCopy } = await accounts.setForward(actorIn(request), ref, request.body);
      return { targets: [...targets], keepCopy };
    },
  );
}

function labelRoutes(app: App, parts: HttpParts): void {
  const { profiles } = parts;
  app.get(
    '/me/labels',
    {
      config: { access },
      schema: { tags, summary: 'Names and colours of one’s labels', response: { 200: answer(labelList) } },
    },
    async (request) => {
      const { id } = await own(parts, request);
      const [kept] = await profiles.list<readonly Label[]>(id, 'Labels');
      return { items: [...(kept?.value ?? [])] };
    },
  );

  app.put(
    '/me/labels',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Sets names and colours of one’s labels',
        description:
          'A label is a keyword of mail, as IMAP and JMAP know it: mail keeps it when its name goes.',
        body: labelList,
        response: { 200: answer(labelList) },
      },
    },
    async (request) => {
      const { id } = await own(parts, request);
      const { items } = request.body;
      const keywords = new Set(items.map(({ keyword }) => keyword.toLowerCase()));
      if (keywords.size < items.length) throw new Refusal('invalid', 'a keyword twice', { at: 'items' });
      const data = JSON.stringify(items);
      const [kept] = await profiles.list(id, 'Labels');
      const write = kept ? ({ is: 'update', id: kept.id, data } as const) : ({ is: 'create', data } as const);
      await profiles.write(id, 'Labels', [write]);
      return { items };
    },
  );
}

function snoozeRoutes(app: App, parts: HttpParts): void {
  const { snoozes } = parts;
  app.get(
    '/me/snoozed',
    {
      config: { access },
      schema: {
        tags,
        summary: 'One’s mail that sleeps, and until when',
        response: { 200: answer(snoozedList) },
      },
    },
    async (request) => {
      const { id } = await own(parts, request);
      const found = await snoozes.list(id);
      return { items: found.map(({ email, untilMs }) => ({ email: emailId(email), untilMs })) };
    },
  );

  app.post(
    '/me/snoozed',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Lets mail sleep until a time',
        description:
          'It lies in the mailbox with the role `snoozed` until then, and comes back unread, with the keyword `$awakened`. What sleeps already gets another time.',
        body: snoozing,
        response: { 200: answer(snoozeDone) },
      },
    },
    async (request) => {
      const { id } = await own(parts, request);
      const { emails, mailbox, untilMs } = request.body;
      const from = mailboxNumber(mailbox);
      if (from === undefined) throw new Refusal('invalid', 'no mailbox', { at: 'mailbox' });
      const numbers = emails.map(emailNumber).filter((each) => each !== undefined);
      return { failed: emails.length - numbers.length + (await snoozes.put(id, numbers, { from, untilMs })) };
    },
  );
}

/** Octets of a mail in which its header lies. */
const headerMaxBytes = 256 * 1024;

function listRoutes(app: App, parts: HttpParts): void {
  const { mailboxes, pushTarget, clock } = parts;
  const poster = new WebPoster({
    resolver: pushTarget.resolver,
    clock,
    guard: pushTarget.guard ?? onlyPublic,
  });
  app.addHook('onClose', async () => poster[Symbol.dispose]());
  app.post(
    '/me/unsubscribe',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Leaves the list that a mail is from, with one click (RFC 8058)',
        description: 'The address is that of the mail. A list that does not take it is a conflict.',
        body: unsubscribing,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { id } = await own(parts, request);
      const number = emailNumber(request.body.email);
      const body = number === undefined ? undefined : await mailboxes.body(id, number);
      if (body === undefined) throw new Refusal('notFound', 'no such mail', { at: 'email' });
      const message = Buffer.from(await mailboxes.read(body, 0, headerMaxBytes));
      await leaveList(message, (asked) => poster.post(asked));
      return reply.code(204).send();
    },
  );
}
