import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { systemClock } from '../base/clock.ts';
import { noMetrics } from '../base/metrics.ts';
import { Signer } from '../policy/signer.ts';
import { keyOf } from '../proto/dkim/key-record.ts';
import { keyRecordText } from '../proto/dkim/signing-key.ts';
import { DkimVerifier } from '../proto/dkim/verify.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import type { SessionInfo } from './session-info.ts';
import { alice, testIntake, type TestIntake } from './testing.ts';

const key = generateKeyPairSync('ed25519').privateKey;

function signing(): TestIntake {
  const kept = { domain: 'here.test', selector: 's1', kept: '', seen: false };
  const sign = new Signer({
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
    keysOf: async (domain) => (domain === 'here.test' ? [kept] : []),
    isOurs: async (domain) => domain === 'here.test',
    hasKeys: async () => true,
    open: () => key,
  });
  return testIntake({}, { sign });
}

const inside: SessionInfo = {
  via: 'submission',
  ip: '192.0.2.1',
  helo: 'laptop',
  protocol: 'ESMTP',
  tls: null,
  principal: alice,
  trusted: false,
};
const scanner: SessionInfo = { ...inside, via: 'relay', principal: undefined, trusted: true };
const stranger: SessionInfo = { ...inside, via: 'mx', principal: undefined };

interface HandedIn {
  readonly session?: SessionInfo;
  readonly size?: number;
  readonly body?: '8bitmime' | 'binarymime';
}

async function handIn(
  { intake, taken }: TestIntake,
  text: string | Buffer,
  { session = inside, size = 1000, body }: HandedIn = {},
): Promise<TestIntake['taken'][number]> {
  const envelope = { sender: { local: 'alice', domain: 'here.test' }, params: body ? { body } : {} };
  using mail = await intake.begin(session, envelope);
  await mail.recipient({ local: 'bob', domain: 'here.test' }, {});
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size)
    await mail.write(Buffer.from(bytes.subarray(at, at + size)));
  await mail.finish();
  return taken.at(-1)!;
}

/** What a receiver finds: the result of each signature. */
async function verdicts(text: string): Promise<string[]> {
  const bytes = Buffer.from(text, 'latin1');
  const block = parseHeaders(bytes);
  const verifier = new DkimVerifier(bytes.subarray(0, block.end), block);
  verifier.body(bytes.subarray(block.bodyStart));
  const records = [keyRecordText(key)];
  const results = await verifier.finish({
    nowSeconds: Date.now() / 1000,
    keyOf: async () => keyOf({ is: 'records', records }),
  });
  return results.map(({ result, why }) => `${result}${why}`);
}

test('a user’s mail is signed as it is sent: with the fields that it lacked, however its text was cut', async () => {
  const within = signing();
  for (const text of [
    'Subject: no From, no Date\r\n\r\nHello\r\n',
    'From: alice@here.test\r\nBcc: x@there.test\r\nSubject: Grüße\r\n\r\nHerzliche Grüße\r\n',
    'From: alice@here.test\r\n\r\n',
    'From: alice@here.test\r\nSubject: no body at all\r\n',
    `From: alice@here.test\r\n\r\n${'long '.repeat(60_000)}\r\n`,
  ]) {
    for (const size of text.length > 10_000 ? [997, 65_536] : [1, 2, 7, text.length]) {
      const { text: stored } = await handIn(within, text, { size });
      assert.match(stored, /^DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed\/relaxed; d=here\.test/);
      assert.ok(stored.indexOf('DKIM-Signature') < stored.indexOf('Received: '));
      assert.deepEqual(await verdicts(stored), ['pass'], `${text.slice(0, 60)} by ${size}`);
    }
  }
});

test('lines too long for SMTP are folded before they are signed, so that nothing mends them on the way', async () => {
  const { text } = await handIn(signing(), `From: alice@here.test\r\n\r\n${'x'.repeat(5000)}\r\n`);
  assert.ok(text.split('\r\n').every((line) => line.length <= 998));
  assert.deepEqual(await verdicts(text), ['pass']);
});

test('line ends that are mended are signed as mended; binary mail is signed as it is', async () => {
  const mended = await handIn(signing(), 'From: alice@here.test\nSubject: x\n\na\nb\n', { size: 3 });
  assert.deepEqual(await verdicts(mended.text), ['pass']);
  const binary = Buffer.from('From: alice@here.test\r\n\r\n\u0000\n\r\u00ff'.padEnd(3000, 'x'), 'latin1');
  const asItIs = await handIn(signing(), binary, { body: 'binarymime' });
  assert.ok(asItIs.text.endsWith('xxx'));
  assert.deepEqual(await verdicts(asItIs.text), ['pass']);
});

test('trusted networks are signed for, and its journey is told of; strangers with our name are not', async () => {
  const within = signing();
  const text = 'From: scanner@mx.here.test\r\n\r\nA page\r\n';
  const { text: stored, events } = await handIn(within, text, { session: scanner });
  assert.deepEqual(await verdicts(stored), ['pass']);
  const told = events.filter(({ is }) => is === 'signed');
  const keys = [{ selector: 's1', algorithm: 'ed25519-sha256', seen: false }];
  assert.deepEqual(
    told.map(({ org, data }) => ({ org, data })),
    [{ org: 'org1', data: { domain: 'here.test', keys } }],
  );
  const forged = await handIn(within, text, { session: stranger });
  assert.deepEqual(await verdicts(forged.text), []);
  assert.ok(forged.events.every(({ is }) => is !== 'signed'));
});

test('nobody gets a signature of a domain whose mail he may not send', async () => {
  const within = signing();
  for (const from of ['bob@here.test', 'alice@here.test, bob@here.test'])
    await assert.rejects(handIn(within, `From: ${from}\r\n\r\nx\r\n`), /senderNotAllowed/);
  const hidden = 'From: alice@here.test\r\nFrom: bob@here.test\r\n\r\nx\r\n';
  await assert.rejects(handIn(within, hidden), /more than one From/);
});

test('a text without a header, whose body others may begin elsewhere, is not signed', async () => {
  const { text } = await handIn(signing(), 'No header at all\r\n');
  assert.match(text, /^Received: [^]*\r\nFrom: alice@here\.test\r\n/);
});
