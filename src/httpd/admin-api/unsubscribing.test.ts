import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../base/refusal.ts';
import type { WebAnswer, WebPost } from '../../net/web-post.ts';
import { leaveList, oneClickUrl } from './unsubscribing.ts';

const mail = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n\r\ntext\r\n`);
const post = 'List-Unsubscribe-Post: List-Unsubscribe=One-Click';

test('only what a mail names with both fields is taken, over HTTPS', () => {
  const named = 'List-Unsubscribe: <mailto:u@x.test>,\r\n <https://x.test/u?id=1>';
  assert.equal(oneClickUrl(mail([named, post]))?.href, 'https://x.test/u?id=1');
  assert.equal(oneClickUrl(mail([named])), undefined);
  assert.equal(oneClickUrl(mail([post])), undefined);
  assert.equal(oneClickUrl(mail(['List-Unsubscribe: <http://x.test/u>', post])), undefined);
  assert.equal(oneClickUrl(mail(['List-Unsubscribe: <https://a:b@x.test/u>', post])), undefined);
  assert.equal(oneClickUrl(mail([named, 'List-Unsubscribe-Post: else'])), undefined);
});

test('it is posted as the RFC says, and every answer but a success is a refusal', async () => {
  const message = mail(['List-Unsubscribe: <https://x.test/u>', post]);
  const asked: WebPost[] = [];
  const answering =
    (answer: Partial<WebAnswer>) =>
    async (given: WebPost): Promise<WebAnswer> => {
      asked.push(given);
      return answer as WebAnswer;
    };
  await leaveList(message, answering({ is: 'answer', status: 202 }));
  assert.equal(asked[0]!.body, 'List-Unsubscribe=One-Click');
  assert.equal(asked[0]!.headers['content-type'], 'application/x-www-form-urlencoded');
  const refused = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason;
  for (const status of [302, 404, 500])
    await assert.rejects(leaveList(message, answering({ is: 'answer', status })), refused('conflict'));
  const blocked = answering({ is: 'failure', reason: 'notAllowed', code: '' });
  await assert.rejects(leaveList(message, blocked), refused('conflict'));
  await assert.rejects(leaveList(mail(['Subject: x']), blocked), refused('notFound'));
});
