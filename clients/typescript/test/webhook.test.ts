import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { verifyWebhook, WebhookError } from '../src/webhook.ts';

// The example of standardwebhooks.com.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const body = '{"test": 2432232314}';
const headers = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const nowMs = 1_614_265_330_000;

test('the example of the specification is right, with other signatures beside it too', async () => {
  assert.deepEqual(await verifyWebhook(body, headers, secret, { nowMs }), { test: 2432232314 });
  const several = `v1a,xxxx v1,${'A'.repeat(43)}= ${headers['webhook-signature']}`;
  await verifyWebhook(Buffer.from(body), new Headers({ ...headers, 'webhook-signature': several }), secret, {
    nowMs,
  });
});

test('what is changed, old, from another, or not signed is refused', async () => {
  const sign = (text: string) =>
    `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
      .update(text)
      .digest('base64')}`;
  const wrong: [string, object, string, number][] = [
    [`${body} `, headers, secret, nowMs],
    [body, { ...headers, 'webhook-id': 'msg_2' }, secret, nowMs],
    [body, { ...headers, 'webhook-timestamp': '1614265331' }, secret, nowMs],
    [body, headers, `whsec_${Buffer.from('other').toString('base64')}`, nowMs],
    [body, headers, secret, nowMs + 301_000],
    [body, headers, secret, nowMs - 301_000],
    [body, { ...headers, 'webhook-signature': '' }, secret, nowMs],
    [body, { ...headers, 'webhook-signature': sign(body) }, secret, nowMs],
    [body, { ...headers, 'webhook-signature': 'v1,§' }, secret, nowMs],
  ];
  for (const [text, given, key, at] of wrong)
    await assert.rejects(
      verifyWebhook(text, given as Record<string, string>, key, { nowMs: at }),
      WebhookError,
    );
});
