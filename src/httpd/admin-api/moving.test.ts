import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { FrameReader, frameStart } from '../../base/frames.ts';
import { openTestApi, type TestApi } from '../testing.ts';
import type { ImportHead } from './contract-moving.ts';

const head = (key: string, more: Partial<ImportHead> = {}): ImportHead => ({
  key,
  flags: { system: ['seen'], keywords: ['$Forwarded'] },
  receivedAtMs: 1_600_000_000_000,
  ...more,
});

const frame = (key: string, text: string, more: Partial<ImportHead> = {}): Buffer => {
  const bytes = Buffer.from(text);
  return Buffer.concat([frameStart(head(key, more), bytes.length), bytes]);
};

interface Place {
  readonly api: TestApi;
  readonly base: string;
  readonly inbox: string;
}

async function withPlace(prove: (place: Place) => Promise<void>): Promise<void> {
  await using api = await openTestApi();
  const base = `/api/v1/admin/moving/${api.a.owner.id}`;
  const listed = await api.call('GET', `${base}/mailboxes`, { as: 'control' });
  await prove({ api, base, inbox: listed.body.items[0].id as string });
}

const octets = { 'content-type': 'application/octet-stream' };
const control = { as: 'control' } as const;

const send = (
  { api, base, inbox }: Place,
  frames: readonly Buffer[],
  source = 's',
): ReturnType<TestApi['call']> =>
  api.call('POST', `${base}/import?source=${source}&mailbox=${inbox}`, {
    ...control,
    headers: octets,
    body: Readable.from([Buffer.concat(frames)]),
  });

test('messages come in once, and go out as they came', () =>
  withPlace(async (place) => {
    const { api, base, inbox } = place;
    const large = `Subject: large\r\n\r\n${'x'.repeat(2_000_000)}\r\n`;
    const first = await send(place, [
      frame('1', 'Subject: a\r\n\r\none\r\n'),
      frame('2', large, { uidl: 'u2' }),
    ]);
    assert.deepEqual(first.body.items, [
      { key: '1', uid: 1, is: 'taken' },
      { key: '2', uid: 2, is: 'taken' },
    ]);
    const again = await send(place, [frame('2', large), frame('3', 'Subject: c\r\n\r\n')]);
    assert.deepEqual(
      again.body.items.map((item: { is: string }) => item.is),
      ['known', 'taken'],
    );
    const response = await api.app.inject({
      url: `${base}/export?mailbox=${inbox}&after=1`,
      headers: { 'x-control': '1' },
    });
    const reader = new FrameReader(Readable.from([response.rawPayload]));
    const out = await reader.next();
    assert.deepEqual(out?.head, {
      uid: 2,
      flags: { system: ['seen'], keywords: ['$Forwarded'] },
      receivedAtMs: 1_600_000_000_000,
    });
    const body: Buffer[] = [];
    for await (const piece of reader.body()) body.push(piece);
    assert.equal(Buffer.concat(body).toString(), large);
    const last = await reader.next();
    assert.equal((last!.head as { uid: number }).uid, 3);
    assert.equal(await reader.next(), undefined);
  }));

test('what came is told page by page, and flags follow', () =>
  withPlace(async (place) => {
    const { api, base } = place;
    await send(place, [frame('1', 'Subject: a\r\n\r\n'), frame('2', 'Subject: b\r\n\r\n')]);
    const flags = { system: ['flagged'], keywords: [] };
    const followed = await api.call('POST', `${base}/import/flags?source=s`, {
      ...control,
      body: {
        items: [
          { key: '1', flags },
          { key: 'unknown', flags },
        ],
      },
    });
    assert.equal(followed.status, 204);
    const { body } = await api.call('GET', `${base}/import?source=s`, control);
    assert.equal(body.more, false);
    assert.deepEqual(body.items[0].now, { sizeBytes: 14, receivedAtMs: 1_600_000_000_000, flags });
    assert.deepEqual(body.items[0].flags, flags);
    assert.equal((await api.call('DELETE', `${base}/import?source=s`, control)).status, 204);
    assert.deepEqual((await api.call('GET', `${base}/import?source=s`, control)).body.items, []);
  }));

test('mailboxes are made with their roles, once, in place of empty ones that have them', () =>
  withPlace(async (place) => {
    const { api, base } = place;
    const put = (body: object) => api.call('PUT', `${base}/mailboxes`, { ...control, body });
    const made = await put({ name: '仕事/資料', role: 'archive', subscribed: true });
    assert.equal(made.body.role, 'archive');
    assert.equal((await put({ name: '仕事/資料', subscribed: false })).body.id, made.body.id);
    await send({ ...place, inbox: made.body.id as string }, [frame('1', 'Subject: a\r\n\r\n')]);
    assert.equal((await put({ name: 'Other', role: 'archive', subscribed: false })).body.role, undefined);
    const { items } = (await api.call('GET', `${base}/mailboxes`, control)).body;
    const names = items.map(({ name }: { name: string }) => name);
    assert.deepEqual(names, ['INBOX', 'Drafts', 'Junk', 'Other', 'Sent', 'Trash', '仕事', '仕事/資料']);
    assert.equal((await put({ name: 'a//b', subscribed: false })).status, 422);
  }));

test('a request that is damaged, or too large, or by somebody else takes nothing', () =>
  withPlace(async (place) => {
    const { api, base, inbox } = place;
    const whole = frame('1', 'Subject: a\r\n\r\n');
    for (const bad of [whole.subarray(0, -3), frameStart({ key: 'x' }, 0), frameStart(head('empty'), 0)])
      assert.equal((await send(place, [whole, bad])).status, 422);
    const many = Array.from({ length: 101 }, (_, i) => frame(`${i}`, 'Subject: a\r\n\r\n'));
    assert.equal((await send(place, many)).status, 409);
    assert.equal((await send({ ...place, inbox: 'm9' }, [whole])).status, 404);
    const other = { as: `Bearer ${api.a.key.key}`, headers: octets, body: Readable.from([whole]) };
    assert.equal((await api.call('POST', `${base}/import?source=s&mailbox=${inbox}`, other)).status, 403);
    const { body } = await api.call('GET', `${base}/mailboxes`, control);
    assert.equal(body.items[0].messages, 0);
  }));
