import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestApi } from '../testing.ts';

test('looking at the link changes nothing and asks; a click of a mailer or of a person takes off', async () => {
  await using server = await openTestApi();
  const path = '/unsubscribe/known.token';
  const looked = await server.call('GET', path, { headers: { 'accept-language': 'en' } });
  assert.equal(looked.status, 200);
  assert.match(String(looked.body), /No more of this mail to &#60;bob&#62;@a\.test\?/);
  assert.match(String(looked.body), /<form method="post">/);
  assert.match(String(looked.headers['content-security-policy']), /default-src 'none'.*form-action 'self'/);
  const forms = [
    ['application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
    ],
    ['application/x-www-form-urlencoded', ''],
  ] as const;
  for (const [type, text] of forms) {
    const headers = { 'content-type': type, 'accept-language': 'ja' };
    const done = await server.call('POST', path, { headers, body: text });
    assert.equal(done.status, 200, type);
    assert.equal(done.headers['location'], undefined);
    assert.match(String(done.body), /配信を停止しました/);
    assert.doesNotMatch(String(done.body), /<form/);
  }
});

test('what is none of our links is not found, and no link leads elsewhere', async () => {
  await using server = await openTestApi();
  for (const token of ['other', 'https:%2F%2Fevil.test', '%3Cscript%3E', 'x'.repeat(900)]) {
    for (const method of ['GET', 'POST']) {
      const answer = await server.call(method, `/unsubscribe/${token}`);
      assert.equal(answer.status, 404, `${method} ${token.slice(0, 30)}`);
      assert.equal(answer.headers['location'], undefined);
    }
  }
});
