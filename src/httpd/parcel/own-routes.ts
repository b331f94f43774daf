/** Large files of the user's own, by `/api/v1/files`: begun, sent in pieces, finished, changed, ended. A piece that was lost on the way is sent again. */
import type { FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import * as Type from 'typebox';
import type { AccountId, OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { pieceMaxBytes } from '../../parcel/options.ts';
import type { Parcel, Parcels } from '../../parcel/parcels.ts';
import type { Identify } from '../admin-api/access.ts';
import type { App } from '../admin-api/app.ts';
import { answer, type Given, nothing, problem } from '../admin-api/contract.ts';
import { fileChange, newFile, type SharedFile, sharedFile, sharedFiles } from '../admin-api/contract-file.ts';
import type { HttpParts } from '../parts.ts';

const base = '/api/v1/files';
const tags = ['files'];
const failures = { '4xx': problem, '5xx': problem };
const idParams = Type.Object({ id: Type.String({ maxLength: 64 }) });
/** Pieces under way of one account in a thread. */
const atOnceMax = 4;

export const filePath = (key: string): string => `/files/${key}`;

interface Owner {
  readonly account: AccountId;
  readonly org: OrgId;
}

export function ownFileRoutes(
  app: App,
  parts: Pick<HttpParts, 'parcels' | 'directory'>,
  identify: Identify,
): void {
  const { parcels, directory } = parts;
  /** People who have a mailbox, by whatever they sign in with. */
  const ownerOf = async (request: FastifyRequest): Promise<Owner> => {
    const { account, mail } = await identify(request);
    const found = account === '' || !mail ? undefined : await directory.account(account);
    if (found === undefined) throw new Refusal('notAllowed', 'for people who have a mailbox');
    return { account: found.id, org: found.org };
  };

  app.get(
    base,
    {
      schema: {
        tags,
        summary: 'One’s own files by link',
        response: { 200: answer(sharedFiles), ...failures },
      },
    },
    async (request) => {
      const { account } = await ownerOf(request);
      const { fileMaxBytes, offerFromBytes, days, daysMax } = parcels.options;
      return {
        items: (await parcels.list(account)).map(shown),
        limits: { fileMaxBytes, pieceMaxBytes, offerFromBytes, days, daysMax },
      };
    },
  );

  app.post(
    base,
    {
      schema: {
        tags,
        summary: 'Begins a file',
        body: newFile,
        response: { 201: answer(sharedFile), ...failures },
      },
    },
    async (request, reply) => {
      const { name, size, days } = request.body;
      const owner = await ownerOf(request);
      const made = await parcels.begin(owner, { name, sizeBytes: size, ...(days !== undefined && { days }) });
      return reply.code(201).send(shown(made));
    },
  );

  app.post(
    `${base}/:id/finish`,
    {
      schema: {
        tags,
        summary: 'All pieces are there: its link leads to it',
        params: idParams,
        response: { 200: answer(sharedFile), ...failures },
      },
    },
    async (request) => {
      const { account } = await ownerOf(request);
      return shown(await parcels.finish(account, request.params.id));
    },
  );

  app.patch(
    `${base}/:id`,
    {
      schema: {
        tags,
        summary: 'Changes how long a link holds, its password, and how often it may be used',
        params: idParams,
        body: fileChange,
        response: { 200: answer(sharedFile), ...failures },
      },
    },
    async (request) => {
      const { account } = await ownerOf(request);
      const { days, password, downloadsMax } = request.body;
      const change = {
        ...(days !== undefined && { days }),
        ...(password !== undefined && { password }),
        ...(downloadsMax !== undefined && { downloadsMax }),
      };
      return shown(await parcels.change(account, request.params.id, change));
    },
  );

  app.delete(
    `${base}/:id`,
    {
      schema: {
        tags,
        summary: 'Ends a link',
        params: idParams,
        response: { 204: nothing, ...failures },
      },
    },
    async (request, reply) => {
      const { account } = await ownerOf(request);
      await parcels.revoke(account, request.params.id);
      return reply.code(204).send();
    },
  );

  void app.register(async (plain) => pieceRoute(plain as unknown as App, parcels, ownerOf));
}

function pieceRoute(app: App, parcels: Parcels, ownerOf: (request: FastifyRequest) => Promise<Owner>): void {
  const running = new Map<AccountId, number>();
  // Nothing is read before it is known who sends it.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_, payload, done) => done(null, payload));
  app.put<{ Params: { id: string; number: string } }>(
    `${base}/:id/pieces/:number`,
    { schema: { hide: true }, bodyLimit: pieceMaxBytes + 1 },
    async (request, reply) => {
      const { account } = await ownerOf(request);
      const { id, number } = request.params;
      if (!/^\d{1,6}$/.test(number)) throw new Refusal('invalid', 'a number', { at: 'number' });
      const now = running.get(account) ?? 0;
      if (now >= atOnceMax) throw new Refusal('rateLimited', `${atOnceMax} pieces at once`);
      running.set(account, now + 1);
      try {
        await takePiece(parcels, request.body as Readable | undefined, {
          account,
          id,
          number: Number(number),
        });
      } finally {
        const left = (running.get(account) ?? 1) - 1;
        if (left === 0) running.delete(account);
        else running.set(account, left);
      }
      return reply.code(204).send();
    },
  );
}

async function takePiece(
  parcels: Parcels,
  stream: Readable | undefined,
  { account, id, number }: { readonly account: AccountId; readonly id: string; readonly number: number },
): Promise<void> {
  const writer = parcels.writer();
  try {
    for await (const chunk of stream ?? []) {
      await writer.write(chunk as Uint8Array);
      if (writer.sizeBytes > pieceMaxBytes)
        throw new Refusal('messageTooLarge', `a piece above ${pieceMaxBytes} octets`);
    }
    await parcels.put(account, id, number, await writer.finish());
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

const shown = (parcel: Parcel): Given<SharedFile> => ({
  id: parcel.id,
  path: filePath(parcel.key),
  name: parcel.name,
  size: parcel.sizeBytes,
  ready: parcel.ready,
  createdAt: parcel.createdAtMs,
  expiresAt: parcel.expiresAtMs,
  hasPassword: parcel.hasPassword,
  downloads: parcel.downloads,
  downloadsMax: parcel.downloadsMax,
});
