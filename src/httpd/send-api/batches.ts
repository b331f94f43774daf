/**
 * `/v1/batches`: up to 1,000 mails in one request, each with a result of its own. Every item has an idempotency key made of that of the batch and its place, so
 * that a batch that broke off and comes again sends what is missing; its answer is kept as a whole.
 */
import type { FastifyRequest } from 'fastify';
import type { App } from '../admin-api/app.ts';
import { answer } from '../admin-api/contract.ts';
import { Refusal } from '../../base/refusal.ts';
import type { HttpParts } from '../parts.ts';
import { problemOf } from '../problems.ts';
import { senderIn } from './access.ts';
import type { SendCaller } from './caller.ts';
import {
  batchAnswer,
  newBatch,
  type Accepted,
  type BatchAnswer,
  type NewBatch,
  type NewMessage,
} from './contract.ts';
import {
  answeredOnce,
  asIs,
  checkSame,
  digestOf,
  keyIn,
  mailBodyMaxBytes,
  onceHeader,
  type AskedOnce,
} from './once.ts';
import { prepare, send } from './outgoing.ts';

/** Mails of one batch in hand at once: they share commits. */
const atOnce = 32;

type Item = BatchAnswer['items'][number];

export function batchRoutes(app: App, parts: HttpParts): void {
  app.post(
    '/batches',
    {
      bodyLimit: mailBodyMaxBytes,
      config: { needs: 'send' },
      schema: {
        tags: ['messages'],
        operationId: 'sendBatch',
        summary: 'Sends up to 1,000 mails, with a result for each',
        headers: onceHeader,
        body: newBatch,
        response: { 200: answer(batchAnswer) },
      },
    },
    async (request, reply) => {
      const { text, repeated } = await sendBatch(parts, request, request.body);
      if (repeated) reply.header('idempotent-replayed', 'true');
      return reply
        .type('application/json; charset=utf-8')
        .serializer(asIs)
        .send(text as never);
    },
  );
}

/** Sends several mails; gives the answer, with a result for each. */
export async function sendBatch(
  parts: HttpParts,
  request: FastifyRequest,
  body: NewBatch,
): Promise<BatchText> {
  const caller = senderIn(request);
  const key = keyIn(request);
  const scope = caller.org ?? 'operator';
  const asked = key === undefined ? undefined : { scope, key, digest: digestOf(body) };
  return batch(parts, caller, { body, asked });
}

interface BatchText {
  readonly text: string;
  readonly repeated: boolean;
}

interface Batch {
  readonly body: NewBatch;
  readonly asked: AskedOnce | undefined;
}

async function batch(parts: HttpParts, caller: SendCaller, { body, asked }: Batch): Promise<BatchText> {
  const before = asked && (await parts.send.kept(asked.scope, asked.key));
  if (before) {
    checkSame(before, asked);
    return { text: before.answer, repeated: true };
  }
  const items: Item[] = Array.from({ length: body.items.length });
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < body.items.length; index = next++)
      items[index] = await one(parts, caller, { body, index, asked });
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, body.items.length) }, work));
  const good = items.filter((item) => item.accepted).length;
  const text = JSON.stringify({ accepted: good, refused: items.length - good, items } satisfies BatchAnswer);
  if (!asked) return { text, repeated: false };
  const first = await parts.send.keep(answeredOnce(asked, text, parts.clock.nowMs()));
  if (first) checkSame(first, asked);
  return { text: first?.answer ?? text, repeated: first !== undefined };
}

async function one(
  parts: HttpParts,
  caller: SendCaller,
  { body, index, asked }: Batch & { readonly index: number },
): Promise<Item> {
  try {
    const mail = merged(body, index);
    const once = asked && {
      scope: `${asked.scope}/batch/${asked.key}`,
      key: String(index),
      digest: digestOf(mail),
    };
    const sent = await send(parts, await prepare(parts, caller, mail), once);
    return { index, accepted: true, message: JSON.parse(sent.answer) as Accepted };
  } catch (error) {
    // What has nothing to do with the mail is for all of them: the whole batch is to come again.
    if (!(error instanceof Refusal) || outages.has(error.reason)) throw error;
    return { index, accepted: false, problem: problemOf(error, { caller: 'program' }) };
  }
}

const outages: ReadonlySet<Refusal['reason']> = new Set(['storageBusy', 'storageFull', 'shuttingDown']);

/** `data`, `metadata` and `headers` are put together, all else of the item goes over the common message. */
function merged({ message = {}, items }: NewBatch, index: number): NewMessage {
  const item = items[index]!;
  const together = { ...message, ...item };
  for (const name of ['data', 'metadata', 'headers'] as const)
    if (message[name] !== undefined && item[name] !== undefined)
      Object.assign(together, { [name]: { ...message[name], ...item[name] } });
  const { from } = together;
  if (from === undefined) throw new Refusal('invalid', 'is missing', { at: 'from' });
  return { ...together, from };
}
