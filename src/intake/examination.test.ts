import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { noMetrics } from '../base/metrics.ts';
import { Refusal } from '../base/refusal.ts';
import { Examiner } from '../policy/examiner.ts';
import { Inspector } from '../policy/inspector.ts';
import { authenticationDefaults } from '../policy/options.ts';
import { signedBy, testDns, type TestDns } from '../policy/testing.ts';
import type { IntakeParts } from './intake.ts';
import { JudgedRefusal } from './judged-refusal.ts';
import type { SessionInfo } from './session-info.ts';
import { testIntake, type TestIntake } from './testing.ts';

function examining(dns: TestDns): TestIntake {
  const examiner = new Examiner({
    dns,
    clock: systemClock,
    metrics: noMetrics,
    options: { ...authenticationDefaults, authservId: 'mx.here.test' },
    rulesOf: async () => undefined,
  });
  const examine: NonNullable<IntakeParts['examine']> = (mail) => new Inspector({ examiner }).begin(mail);
  return testIntake({}, { examine });
}

const stranger: SessionInfo = {
  via: 'mx',
  ip: '192.0.2.1',
  helo: 'mail.there.test',
  protocol: 'ESMTP',
  tls: null,
  principal: undefined,
  trusted: false,
};

async function bring(
  { intake, taken }: TestIntake,
  text: string,
  { session = stranger, size = 1000 }: { session?: SessionInfo; size?: number } = {},
): Promise<TestIntake['taken'][number]> {
  using mail = await intake.begin(session, { sender: { local: 'bob', domain: 'there.test' }, params: {} });
  await mail.recipient({ local: 'bob', domain: 'here.test' }, {});
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size)
    await mail.write(Buffer.from(bytes.subarray(at, at + size)));
  await mail.finish();
  return taken.at(-1)!;
}

const plain = 'From: bob@there.test\r\nSubject: x\r\n\r\nHello\r\n';
const rejecting = { '_dmarc.there.test': 'v=DMARC1; p=reject' };

test('results stand on top, above the trace line, however the text was cut', async () => {
  const within = examining(testDns(rejecting, ['there.test']));
  const message = await signedBy('there.test', plain);
  const texts = new Set<string>();
  for (const size of [1, 2, 3, 17, message.length]) {
    const { text, submission } = await bring(within, message, { size });
    assert.match(text, /^Authentication-Results: mx\.here\.test;\r\n\tspf=none/);
    assert.ok(text.indexOf('dkim=pass') < text.indexOf('Received: '));
    assert.ok(text.endsWith(message), text);
    assert.equal(submission.message.sizeBytes, text.length);
    texts.add(text.replace(/ id \w+/, '').replace(/;\r\n\t[^;]*\+0000/, ''));
  }
  assert.equal(texts.size, 1);
});

test('the ledger hears who stands behind the mail', async () => {
  const { events } = await bring(
    examining(testDns(rejecting, ['there.test'])),
    await signedBy('there.test', plain),
  );
  const event = events.find(({ is }) => is === 'authenticated');
  assert.ok(event?.is === 'authenticated');
  assert.deepEqual(event.data.dmarc, {
    result: 'pass',
    author: 'there.test',
    policy: 'reject',
    by: ['dkim'],
  });
  assert.deepEqual([event.data.action, event.data.reason], ['accept', 'clear']);
});

test('what its domain asks to refuse is refused at the end of the text, and nothing is stored', async () => {
  const within = examining(testDns(rejecting));
  await assert.rejects(bring(within, plain), (error) => {
    assert.ok(error instanceof JudgedRefusal && error instanceof Refusal && error.reason === 'notAllowed');
    assert.match(error.reply, /^there\.test asks \(DMARC p=reject\)/);
    assert.equal(error.temporary, false);
    return true;
  });
  assert.equal(within.taken.length, 0);
});

test('what its domain asks to quarantine is marked for Junk', async () => {
  const { submission } = await bring(
    examining(testDns({ '_dmarc.there.test': 'v=DMARC1; p=quarantine' })),
    plain,
  );
  assert.equal(submission.message.junkFor?.length, 1);
});

test('fields that only we may write are taken out, others stay', async () => {
  const forged =
    'Authentication-Results: (x) MX.here.test; dmarc=pass\r\nAuthentication-Results: other.test; dmarc=pass\r\n' +
    'BIMI-Location: v=BIMI1; l=https://evil.test/x.svg\r\nAuthentication-Results:\r\n mx.here.test 1; spf=pass\r\n';
  const { text } = await bring(examining(testDns({})), forged + plain);
  const own = text.slice(text.indexOf('Received: '));
  assert.deepEqual(own.match(/^(Authentication-Results|BIMI).*$/gm), [
    'Authentication-Results: other.test; dmarc=pass',
  ]);
});

test('mail of our own users, of trusted networks and by LMTP is not examined', async () => {
  const within = examining(testDns(rejecting));
  for (const session of [
    { ...stranger, trusted: true },
    { ...stranger, via: 'lmtp' as const },
  ]) {
    const { text } = await bring(within, plain, { session });
    assert.match(text, /^Received: /);
  }
});

test('a message that is nothing but a header, and one without any, are examined too', async () => {
  const within = examining(testDns({}));
  assert.match((await bring(within, 'From: a@there.test\r\n')).text, /dmarc=none/);
  assert.match((await bring(within, '\r\ntext\r\n')).text, /dmarc=permerror reason="no From field"/);
});
