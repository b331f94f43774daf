/** Notices over HTTP (RFC 9007): intake is real. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../base/clock.ts';
import { silentLog } from '../../../base/log.ts';
import { noMetrics } from '../../../base/metrics.ts';
import { Intake } from '../../../intake/intake.ts';
import { intakeDefaults } from '../../../intake/options.ts';
import type { Submission } from '../../../queue/message.ts';
import { openTestJmap } from '../testing.ts';

const using = {
  using: [
    'urn:ietf:params:jmap:core',
    'urn:ietf:params:jmap:mail',
    'urn:ietf:params:jmap:submission',
    'urn:ietf:params:jmap:mdn',
    'urn:ietf:params:jmap:blob',
  ],
};

test('a notice goes once, to who asked, with what the server knows; it can be read again', async () => {
  const accepted: Submission[] = [];
  await using jmap = await openTestJmap((t, parts) => ({
    clock: systemClock,
    send: {
      ...parts.send,
      intake: new Intake({
        directory: t.directory,
        bodies: t.store.bodies,
        clock: systemClock,
        log: silentLog,
        metrics: noMetrics,
        options: { ...intakeDefaults, hostName: 'mx.here.test', authservId: 'mx.here.test' },
        accept: async (submission) => void accepted.push(submission),
      }),
    },
  }));
  const request = (calls: readonly (readonly [string, object])[]) =>
    jmap.request(
      calls.map(([name, args]) => [name, { accountId: jmap.account, ...args }] as const),
      using,
    );
  const call = async (name: string, args: object = {}) =>
    (await request([[name, args]])).methodResponses[0][1];
  const boxes = await call('Mailbox/get', { ids: null });
  const inbox = boxes.list.find((box: { role: string }) => box.role === 'inbox').id;
  const identityId = (await call('Identity/get', { ids: null })).list[0].id;
  const import_ = async (text: string): Promise<string> => {
    const { created } = await call('Blob/upload', {
      create: { b: { data: [{ 'data:asText': text.replaceAll('\n', '\r\n') }] } },
    });
    const made = await call('Email/import', {
      emails: { e: { blobId: created.b.id, mailboxIds: { [inbox]: true } } },
    });
    return made.created.e.id;
  };
  const asking = await import_(
    'From: x@remote.test\nTo: owner@here.test\nSubject: Offer\nMessage-ID: <1@remote.test>\nDisposition-Notification-To: asks@remote.test\n\nHi\n',
  );
  const silent = await import_('From: x@remote.test\nSubject: No\n\nHi\n');
  const disposition = { actionMode: 'manual-action', sendingMode: 'mdn-sent-manually', type: 'displayed' };
  const { methodResponses } = await request([
    [
      'MDN/send',
      {
        identityId,
        send: {
          ok: { forEmailId: asking, disposition, extensionFields: { 'X-More': '1' } },
          silent: { forEmailId: silent, disposition },
          gone: { forEmailId: 'e99', disposition },
          wrong: { forEmailId: asking, disposition: { ...disposition, type: 'eaten' } },
          fixed: { forEmailId: asking, disposition, originalMessageId: 'x' },
        },
        onSuccessUpdateEmail: { '#ok': { 'keywords/$seen': true } },
      },
    ],
  ]);
  const [[, sent], [implied, updated]] = methodResponses;
  assert.deepEqual(sent.sent.ok.finalRecipient, 'rfc822; owner@here.test');
  assert.deepEqual(
    [sent.sent.ok.originalMessageId, sent.sent.ok.subject],
    ['<1@remote.test>', 'Read: Offer'],
  );
  const types = Object.fromEntries(
    Object.entries(sent.notSent).map(([id, error]) => [id, (error as { type: string }).type]),
  );
  assert.deepEqual(types, {
    silent: 'noRecipients',
    gone: 'notFound',
    wrong: 'invalidProperties',
    fixed: 'invalidProperties',
  });
  assert.deepEqual([implied, Object.keys(updated.updated)], ['Email/set', [asking]]);
  const { list } = await call('Email/get', { ids: [asking], properties: ['keywords'] });
  assert.deepEqual(list[0].keywords, { $seen: true, $mdnsent: true });
  const again = await call('MDN/send', { identityId, send: { a: { forEmailId: asking, disposition } } });
  assert.equal(again.notSent.a.type, 'mdnAlreadySent');
  assert.equal(accepted.length, 1);
  const [{ message, recipients, body }] = accepted as [Submission];
  assert.deepEqual([message.sender, recipients.map(({ address }) => address)], ['', ['asks@remote.test']]);
  assert.ok(body.is === 'inline');
  const text = Buffer.from(body.bytes).toString();
  const blob = (await call('Blob/upload', { create: { m: { data: [{ 'data:asText': text }] } } })).created.m
    .id;
  const plain = (await call('Blob/upload', { create: { m: { data: [{ 'data:asText': 'x' }] } } })).created.m
    .id;
  const parsed = await call('MDN/parse', { blobIds: [blob, plain, 'nothing'] });
  assert.deepEqual([parsed.notParsable, parsed.notFound], [[plain], ['nothing']]);
  assert.deepEqual(parsed.parsed[blob].disposition, disposition);
  assert.deepEqual(parsed.parsed[blob].extensionFields, { 'X-More': '1' });
  assert.equal(
    (await call('MDN/send', { identityId: 'i99', send: { a: { forEmailId: asking, disposition } } })).notSent
      .a.type,
    'notFound',
  );
  assert.equal((await call('MDN/send', { send: {} })).type, 'invalidArguments');
});
