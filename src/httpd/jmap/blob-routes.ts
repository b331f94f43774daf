/** Upload and download (RFC 8620, 6.1 and 6.2). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { StoredBody } from '../../mailbox/mailboxes.ts';
import { limits } from '../../proto/jmap/limits.ts';
import { formatParameterized } from '../../proto/mime/parameter-formatter.ts';
import type { App } from '../admin-api/app.ts';
import type { HttpParts } from '../parts.ts';
import type { JmapAccess } from './access.ts';
import { uploadBlobId } from './blob-id.ts';
import { openBlob } from './blobs.ts';
import { reachOfAccount } from './mail/reach.ts';
import type { JmapAccount, JmapUser } from './method.ts';
import { refuseLimit } from './problems.ts';
import { paths } from './session.ts';

const hidden = { schema: { hide: true } } as const;

/** A media type with its parameters; anything else is sent as bytes. */
const mediaType = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}(?:\s*;[\x20-\x7e]{0,300})?$/i;
const bytesType = 'application/octet-stream';

interface Place {
  Params: { accountId: string; blobId: string; name: string };
  Querystring: { type?: string; accept?: string };
}

export function blobRoutes(app: App, access: JmapAccess, parts: HttpParts): void {
  app.get<Place>(paths.download, hidden, (request, reply) => download(request, reply, { access, parts }));
  const uploads = new Uploads(parts, access);
  // Nothing is read before it is known who sends it.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_, payload, done) => done(null, payload));
  for (const path of [paths.upload, paths.upload.slice(0, -1)])
    app.post<Place>(path, { ...hidden, bodyLimit: limits.maxSizeUpload + 1 }, (request, reply) =>
      uploads.take(request, reply),
    );
}

async function accountOf(access: JmapAccess, user: JmapUser, id: string): Promise<JmapAccount> {
  const account = await access.account(user, id);
  if (account === undefined) throw new Refusal('notFound', 'no such account');
  return account;
}

async function download(
  request: FastifyRequest<Place>,
  reply: FastifyReply,
  { access, parts }: { readonly access: JmapAccess; readonly parts: HttpParts },
): Promise<FastifyReply> {
  const user = await access.user(request);
  const { accountId, blobId, name } = request.params;
  const account = await accountOf(access, user, accountId);
  const reach = await reachOfAccount(parts, account, { user });
  const blob = await openBlob(parts, reach, blobId);
  if (blob === undefined) throw new Refusal('notFound', 'no such blob');
  const asked = request.query.type ?? request.query.accept ?? blob.type;
  const filename = name.replaceAll(/[\x00-\x1f\x7f/\\]/g, '_');
  return (
    reply
      .type(mediaType.test(asked) ? asked : bytesType)
      .header('content-length', blob.sizeBytes)
      // What it names never changes.
      .header('cache-control', 'private, immutable, max-age=31536000')
      .header('content-disposition', attachment(filename))
      .send(Readable.from(blob.stream()))
  );
}

/** Never shown as a page of ours. */
const attachment = (filename: string): string =>
  formatParameterized('attachment', [['filename', filename]]).replaceAll(/\r\n\s*/g, ' ');

class Uploads {
  readonly #parts: HttpParts;
  readonly #access: JmapAccess;
  /** Under way, by who sends them. */
  readonly #running = new Map<AccountId, number>();

  constructor(parts: HttpParts, access: JmapAccess) {
    this.#parts = parts;
    this.#access = access;
  }

  async take(request: FastifyRequest<Place>, reply: FastifyReply): Promise<unknown> {
    const user = await this.#access.user(request);
    const account = await accountOf(this.#access, user, request.params.accountId);
    if (account.isReadOnly) throw new Refusal('notAllowed', 'mail of this account may only be read');
    if (Number(request.headers['content-length'] ?? 0) > limits.maxSizeUpload)
      return refuseLimit(reply, 'maxSizeUpload');
    const running = this.#running.get(user.account) ?? 0;
    if (running >= limits.maxConcurrentUpload) return refuseLimit(reply, 'maxConcurrentUpload');
    this.#running.set(user.account, running + 1);
    try {
      return await this.#store(account, request, reply);
    } finally {
      const left = (this.#running.get(user.account) ?? 1) - 1;
      if (left === 0) this.#running.delete(user.account);
      else this.#running.set(user.account, left);
    }
  }

  async #store(account: JmapAccount, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const body = await this.#read(request.body as Readable | undefined);
    if (body === undefined) return refuseLimit(reply, 'maxSizeUpload');
    const given = request.headers['content-type'] ?? '';
    const type = mediaType.test(given) ? given : bytesType;
    const { id, sizeBytes } = await this.#parts.mailboxes.mail.upload(account.id, type, body);
    return reply
      .code(201)
      .type('application/json')
      .send(JSON.stringify({ accountId: account.id, blobId: uploadBlobId(id), type, size: sizeBytes }));
  }

  /** Undefined: too large. */
  async #read(stream: Readable | undefined): Promise<StoredBody | undefined> {
    const writer = this.#parts.mailboxes.bodyWriter();
    try {
      for await (const chunk of stream ?? []) {
        await writer.write(chunk as Uint8Array);
        if (writer.sizeBytes <= limits.maxSizeUpload) continue;
        await writer.abort();
        return undefined;
      }
      return await writer.finish();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }
}
