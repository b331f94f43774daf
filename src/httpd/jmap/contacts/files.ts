/**
 * Contacts in and out as files of vCards: for people and programs that come from elsewhere.
 *
 *   GET  /jmap/contacts/{accountId}/{addressBookId}?version=4.0    all of an address book; version 3.0 for older programs
 *   POST /jmap/contacts/{accountId}/{addressBookId}                the same back: whose UID is known takes the place of the old card
 */
import type { FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { bookNumber, cardId } from '../../../contact/ids.ts';
import type { BookRight } from '../../../contact/rights.ts';
import { rightsIn } from '../../../contact/rights.ts';
import type { App } from '../../admin-api/app.ts';
import type { JmapAccess } from '../access.ts';
import type { ContactParts } from './capability.ts';
import { ready } from './readable.ts';

/** Photos are in it. */
const fileMaxBytes = 64 * 1024 * 1024;
const path = '/jmap/contacts/:accountId/:bookId';
const params = Type.Object({ accountId: Type.String(), bookId: Type.String() });

export function fileRoutes(app: App, access: JmapAccess, parts: ContactParts): void {
  const { contacts, directory } = parts;

  /** Refusal: `notFound`, `notAllowed`. */
  const placeOf = async (request: FastifyRequest, right: BookRight) => {
    const user = await access.user(request);
    const { accountId, bookId } = request.params as { accountId: string; bookId: string };
    const account = await access.account(user, accountId);
    if (account === undefined) throw new Refusal('notFound', 'no such account');
    await ready(contacts, directory, account.id);
    const books = await contacts.books(account.id, user.account);
    const book = books.find(({ id }) => id === bookNumber(bookId));
    const rights = book && rightsIn(book.shares, { account: user.account, org: user.org, owner: account.id });
    if (book === undefined || rights?.has('mayRead') !== true)
      throw new Refusal('notFound', 'no such address book');
    if (!rights.has(right)) throw new Refusal('notAllowed', 'you may not write there');
    return { account: account.id, book };
  };

  app.get(
    path,
    {
      schema: {
        hide: true,
        params,
        querystring: Type.Object({ version: Type.Optional(Type.Enum(['3.0', '4.0'])) }),
      },
    },
    async (request, reply) => {
      const { account, book } = await placeOf(request, 'mayRead');
      const { version = '4.0' } = request.query;
      const file = await contacts.export(account, version, book.id);
      return reply
        .type('text/vcard; charset=utf-8')
        .header('content-disposition', 'attachment; filename="contacts.vcf"')
        .header('x-content-type-options', 'nosniff')
        .send(file);
    },
  );

  // Whatever its type: telephones call it many things.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: fileMaxBytes }, (_, body, done) =>
    done(null, body),
  );
  app.post(
    path,
    {
      bodyLimit: fileMaxBytes,
      schema: { hide: true, params },
      // Nobody sends a large file before they are known.
      onRequest: async (request) => void (await access.user(request)),
    },
    async (request) => {
      const { account, book } = await placeOf(request, 'mayWrite');
      const { body } = request as { body: unknown };
      if (!Buffer.isBuffer(body) || body.length === 0)
        throw new Refusal('invalid', 'no vCards', { at: 'body' });
      const { created, updated, skipped } = await contacts.import(account, book.id, body);
      return { created: created.map(cardId), updated: updated.map(cardId), skipped };
    },
  );
}
