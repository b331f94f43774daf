/**
 * Everything of one's own as one ZIP file: a file in mbox format for each mailbox, contacts as vCards, scripts, labels. For signed-in owners alone; it is written
 * while it is read, and holds one message at a time.
 */
import { Readable } from 'node:stream';
import { Refusal } from '../base/refusal.ts';
import type { AccountId } from '../base/ids.ts';
import type { MailboxInfo } from '../mailbox/mailbox.ts';
import { FileNames } from '../moving/file-names.ts';
import { mboxText } from '../moving/mbox-folder.ts';
import { zipOf, type ZipFile } from '../proto/archive/zip-writer.ts';
import type { Identify } from './admin-api/access.ts';
import type { App } from './admin-api/app.ts';
import { shownFlags } from './admin-api/moving-flags.ts';
import type { HttpParts } from './parts.ts';

export const takeoutPath = '/api/v1/export';

type TakeoutParts = Pick<
  HttpParts,
  'mailboxes' | 'contacts' | 'scripts' | 'profiles' | 'clock' | 'directory' | 'administration'
>;

/** At once in a thread: each reads a whole account. */
const atOnceMax = 4;

export function takeoutRoutes(app: App, parts: TakeoutParts, identify: Identify): void {
  let running = 0;
  app.get(takeoutPath, { schema: { hide: true } }, async (request, reply) => {
    if (request.headers['sec-fetch-site'] === 'cross-site')
      throw new Refusal('notAllowed', 'called from another site');
    const caller = await identify(request);
    const found = caller.account === '' ? undefined : await parts.directory.account(caller.account);
    if (!found || !caller.byPassword) throw new Refusal('notAllowed', 'for owners of mail');
    if (running >= atOnceMax) throw new Refusal('rateLimited', `${atOnceMax} exports at once`);
    running++;
    const day = new Date(parts.clock.nowMs()).toISOString().slice(0, 10);
    const body = Readable.from(zipOf(filesOf(parts, found.id)), { objectMode: false });
    body.once('close', () => running--);
    return reply
      .type('application/zip')
      .header('content-disposition', `attachment; filename="mail-${day}.zip"`)
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'no-store')
      .send(body);
  });
}

async function* filesOf(parts: TakeoutParts, account: AccountId): AsyncGenerator<ZipFile, void, void> {
  const atMs = parts.clock.nowMs();
  const names = new FileNames();
  for (const mailbox of await parts.mailboxes.list(account))
    yield {
      name: names.path(['Mail', ...mailbox.name.split('/')], '.mbox').replaceAll('\\', '/'),
      atMs,
      // Separators, quoted lines and fields of state come to it.
      maxBytes: mailbox.sizeBytes * 2 + mailbox.total * 1000,
      content: messagesOf(parts, account, mailbox),
    };
  const text = (name: string, content: string | Uint8Array): ZipFile => {
    const bytes = Buffer.from(content);
    return { name, atMs, maxBytes: bytes.length, content: [bytes] };
  };
  yield text('Contacts.vcf', await parts.contacts.export(account, '4.0'));
  const owner = { is: 'account', id: account } as const;
  for (const { name } of await parts.scripts.list(owner)) {
    const { source } = await parts.scripts.get(owner, name);
    yield text(names.path(['Scripts', name.trim()], '.sieve').replaceAll('\\', '/'), source);
  }
  for (const type of ['Labels', 'Identity', 'VacationResponse'] as const) {
    const kept = await parts.profiles.list(account, type);
    if (kept.length > 0)
      yield text(
        `Settings/${type}.json`,
        JSON.stringify(
          kept.map(({ value }) => value),
          undefined,
          2,
        ),
      );
  }
}

async function* messagesOf(
  { mailboxes }: TakeoutParts,
  account: AccountId,
  { id }: MailboxInfo,
): AsyncGenerator<Uint8Array, void, void> {
  using session = await mailboxes.open(account, id);
  const { view } = session;
  // Positions shift while others expunge: uids do not.
  for (let uid = 0; ; ) {
    const at = view.positionFrom(uid + 1);
    if (at >= view.count) return;
    uid = view.uidAt(at);
    const about = { uid, flags: shownFlags(view.flagsAt(at)), receivedAtMs: view.receivedAtMsAt(at) };
    const body = await mailboxes.body(account, view.emailAt(at));
    if (body === undefined) continue;
    const bytes =
      body.is === 'inline'
        ? Buffer.from(body.bytes)
        : Buffer.concat(await Array.fromAsync(mailboxes.stream(body)));
    yield mboxText({ ...about, bytes });
  }
}
