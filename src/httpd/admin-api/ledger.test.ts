import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { systemClock } from '../../base/clock.ts';
import type { MessageId, OrgId } from '../../base/ids.ts';
import type { LedgerEvent } from '../../events/ledger.ts';
import type { HttpParts } from '../parts.ts';
import { followAsked } from './ledger.ts';

const event = (seq: number, is: 'managed' | 'complained', about: Partial<LedgerEvent> = {}): LedgerEvent =>
  ({
    seq,
    is,
    atMs: seq,
    message: `m${seq}` as MessageId,
    org: 'a',
    recipient: '',
    data: is === 'managed' ? { action: 'held', by: 'x', why: '' } : { reason: 'abuse', by: '', notice: '' },
    ...about,
  }) as LedgerEvent;

const ledger: LedgerEvent[] = [
  event(1, 'managed'),
  event(2, 'complained', { recipient: 'Bob@Docomo.ne.jp' }),
  event(3, 'complained', { recipient: 'ann@docomo.ne.jp.evil.test' }),
  event(4, 'complained', { recipient: 'ann@there.test', message: 'm2' as MessageId }),
  event(5, 'complained', { org: 'b', recipient: 'bob@docomo.ne.jp' }),
  event(6, 'managed', { recipient: 'bob@docomo.ne.jp' }),
  event(7, 'complained', { recipient: 'end@here.test', message: 'last' as MessageId }),
];

interface Listening extends AsyncDisposable {
  /** Numbers of the events that a client hears until number 7 is told, or `until`. */
  hear(query: string, options?: { lastId?: string; until?: number }): Promise<number[]>;
}

async function listen(org: OrgId | undefined): Promise<Listening> {
  const stopping = new AbortController();
  const parts = {
    clock: systemClock,
    events: {
      end: async () => ledger.length,
      after: async (seq: number, limit: number) => ledger.filter((one) => one.seq > seq).slice(0, limit),
    },
  } as unknown as HttpParts;
  const app = Fastify();
  app.get<{ Querystring: Record<string, string> }>('/', ({ query, headers }, reply) => {
    const { after, ...rest } = query;
    const asked = { ...rest, ...(after !== undefined && { after: Number(after) }) };
    return followAsked(parts, {
      reply,
      org,
      query: asked,
      lastId: headers['last-event-id'],
      stopping: stopping.signal,
    });
  });
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    async hear(query, { lastId, until = 7 } = {}) {
      const gone = new AbortController();
      const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
      const answer = await fetch(`${base}/?${query}`, { headers, signal: gone.signal });
      assert.equal(answer.headers.get('content-type'), 'text/event-stream');
      let text = '';
      for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        if (text.includes(`\nid: ${until}\n`) || text.includes(`\n\nid: ${until}\n`)) break;
      }
      gone.abort();
      return [...text.matchAll(/^id: (\d+)\ndata: (.*)$/gm)].map(([, id, data]) => {
        assert.equal((JSON.parse(data!) as LedgerEvent).seq, Number(id));
        return Number(id);
      });
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await app.close();
    },
  };
}

test('the stream tells the events of the organisation alone; the operator hears all', async () => {
  await using own = await listen('a' as OrgId);
  assert.deepEqual(await own.hear('after=0'), [1, 2, 3, 4, 6, 7]);
  await using all = await listen(undefined);
  assert.deepEqual(await all.hear('after=0'), [1, 2, 3, 4, 5, 6, 7]);
});

test('kinds, recipient and message: all that is named must fit', async () => {
  await using s = await listen('a' as OrgId);
  assert.deepEqual(await s.hear('after=0&kinds=complained'), [2, 3, 4, 7]);
  assert.deepEqual(await s.hear('after=0&kinds=managed,delivered', { until: 6 }), [1, 6]);
  assert.deepEqual(
    await s.hear('after=0&recipient=@docomo.ne.jp', { until: 6 }),
    [2, 6],
    'a domain, and no other that begins so',
  );
  assert.deepEqual(await s.hear('after=0&recipient=bob@DOCOMO.ne.jp', { until: 6 }), [2, 6]);
  assert.deepEqual(await s.hear('after=0&kinds=complained&recipient=@docomo.ne.jp', { until: 2 }), [2]);
  assert.deepEqual(await s.hear('after=0&message=m2', { until: 4 }), [2, 4]);
});

test('a client that comes back goes on behind the last it heard, whatever else it asks', async () => {
  await using s = await listen('a' as OrgId);
  assert.deepEqual(await s.hear('after=0', { lastId: '4' }), [6, 7]);
  assert.deepEqual(await s.hear('after=5', { lastId: 'nonsense' }), [6, 7]);
});
