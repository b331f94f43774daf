/** Messages of an import as they come in a request: each goes to its body at once, so that memory is that of small ones. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import * as Value from 'typebox/value';
import { type Frame, FrameError, FrameReader } from '../../base/frames.ts';
import { Refusal } from '../../base/refusal.ts';
import { type ImportedEmail, importMax } from '../../mailbox/imports.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import { importHead, type ImportHead } from './contract-moving.ts';
import { flagsOf } from './moving-flags.ts';

/** More than any mail: what a sender may send at most is settled elsewhere. */
const messageMaxBytes = 1024 ** 3;

export async function receivedFrames(mailboxes: Mailboxes, body: unknown): Promise<ImportedEmail[]> {
  if (!(body instanceof Readable)) throw new Refusal('invalid', 'send application/octet-stream');
  const reader = new FrameReader(body as AsyncIterable<Uint8Array>);
  const messages: ImportedEmail[] = [];
  try {
    for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
      if (messages.length === importMax) throw new Refusal('limitReached', `more than ${importMax} messages`);
      messages.push(await receivedOne(mailboxes, frame, reader.body()));
      // Small messages never wait for anything: others of this thread get their turn between them.
      await turn();
    }
  } catch (error) {
    if (error instanceof FrameError) throw new Refusal('invalid', error.message);
    throw error;
  }
  return messages;
}

async function receivedOne(
  mailboxes: Mailboxes,
  { head, sizeBytes }: Frame,
  body: AsyncIterable<Buffer>,
): Promise<ImportedEmail> {
  if (!Value.Check(importHead, head)) throw new Refusal('invalid', 'not the head of a message');
  if (sizeBytes === 0 || sizeBytes > messageMaxBytes) throw new Refusal('invalid', `${sizeBytes} octets`);
  const writer = mailboxes.bodyWriter();
  const hash = createHash('sha256');
  try {
    for await (const piece of body) {
      hash.update(piece);
      await writer.write(piece);
    }
    const stored = await writer.finish();
    return {
      ...headOf(head),
      hash: hash.digest('base64url'),
      body: stored,
      email: await mailboxes.prepare(stored),
    };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

const headOf = ({ key, flags, receivedAtMs, uidl, adopt }: ImportHead) => ({
  key,
  flags: flagsOf(flags),
  receivedAtMs,
  uidl,
  adopt,
});
