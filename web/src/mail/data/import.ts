/** Mail from files on this computer: `.eml`, or mbox with many. Each message is uploaded, and taken in by Email/import (RFC 8621, 4.8). */
import { jmap, upload } from '../jmap/client.ts';
import type { Id, SetError, SetResponse } from '../jmap/types.ts';
import { messagesOfMbox } from './mbox.ts';

export interface Importing {
  readonly taken: number;
  /** They were here already. */
  readonly known: number;
  readonly refused: readonly string[];
}

interface Order {
  readonly files: readonly File[];
  readonly tell: (now: Importing) => void;
}

/** Messages of one request. */
const piece = 20;

export async function importFiles(account: Id, mailbox: Id, { files, tell }: Order): Promise<void> {
  let now: Importing = { taken: 0, known: 0, refused: [] };
  let waiting: Blob[] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    now = await take(account, mailbox, waiting, now);
    waiting = [];
    tell(now);
  };
  for (const file of files) {
    for await (const message of messagesIn(file)) {
      waiting.push(message);
      if (waiting.length >= piece) await flush();
    }
  }
  await flush();
}

async function* messagesIn(file: File): AsyncGenerator<Blob> {
  const start = new TextDecoder('latin1').decode(await file.slice(0, 5).arrayBuffer());
  if (start === 'From ') yield* messagesOfMbox(file.stream());
  else yield file;
}

async function take(
  account: Id,
  mailbox: Id,
  messages: readonly Blob[],
  before: Importing,
): Promise<Importing> {
  const emails: Record<string, unknown> = {};
  for (const [i, message] of messages.entries()) {
    const { blobId } = await upload(account, new Blob([message], { type: 'message/rfc822' }));
    emails[`m${i}`] = { blobId, mailboxIds: { [mailbox]: true }, keywords: { $seen: true } };
  }
  const { i: answer } = await jmap([['Email/import', { accountId: account, emails }, 'i']]);
  const { created, notCreated } = answer as unknown as SetResponse;
  const failed: readonly SetError[] = Object.values(notCreated ?? {});
  const known = failed.filter(({ type }) => type === 'alreadyExists').length;
  return {
    taken: before.taken + Object.keys(created ?? {}).length,
    known: before.known + known,
    refused: [
      ...before.refused,
      ...failed
        .filter(({ type }) => type !== 'alreadyExists')
        .map(({ type, description }) => description ?? type),
    ],
  };
}
