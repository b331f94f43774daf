import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredBody } from '../../store/body.ts';
import { noBodies, remoteTo, testAttempt, testServer } from '../testing.ts';
import type { RemoteDelivery } from './remote.ts';

const through = { org: 'org', addresses: ['first@here.test', 'info@Branch.here.test'] };

/** Names senders anew, and seals by telling what it was shown. */
function forwarding(port: number, bodies = noBodies): { remote: RemoteDelivery; shown: string[] } {
  const shown: string[] = [];
  const remote = remoteTo(port, {}, [], {
    bodies,
    forwarding: {
      returnPath: async (sender, via) => `SRS0=${sender.replace('@', '=')}@${via.split('@')[1]}`,
      seal: async (header, domain) => {
        let body = '';
        return {
          body: (chunk) => void (body += Buffer.from(chunk).toString('latin1')),
          finish: async () => {
            shown.push(domain, header.toString('latin1'), body);
            return Buffer.from('ARC-Seal: i=1\r\n');
          },
        };
      },
    },
  });
  return { remote, shown };
}

const site = async (remote: RemoteDelivery): Promise<string> =>
  (await remote.route(remote.hopOf('there.test', ''))).site;

test('mail by way of an address of ours has a sender of ours and a seal on top; mail of our own has neither', async () => {
  await using server = await testServer();
  const { remote, shown } = forwarding(server.port);
  const mail = { site: await site(remote), sender: 'bob@far.test', text: 'Subject: x\r\n\r\nHello\r\n' };
  await remote.deliver(testAttempt(['x@there.test'], { ...mail, recipient: { through } }));
  await remote.deliver(testAttempt(['x@there.test'], mail));
  remote.stop();
  const senders = server.heard.filter((line) => line.startsWith('MAIL')).map((line) => line.split(' ')[1]);
  assert.deepEqual(senders, ['FROM:<SRS0=bob=far.test@Branch.here.test>', 'FROM:<bob@far.test>']);
  const stamps = 'Delivered-To: info@Branch.here.test\r\nDelivered-To: first@here.test\r\n';
  assert.deepEqual(server.texts, [`ARC-Seal: i=1\r\n${stamps}${mail.text}`, mail.text]);
  assert.deepEqual(shown, ['branch.here.test', 'Subject: x\r\n', 'Hello\r\n']);
});

test('a long text is sealed as it goes over the wire: too long lines folded, a last line ended', async () => {
  await using server = await testServer();
  const header = 'Received: by mx\r\nSubject: x\r\n';
  const text = `${header}\r\n${`${'y'.repeat(70)}\r\n`.repeat(20_000)}${'z'.repeat(2000)}`;
  const bytes = Buffer.from(text);
  const stored: StoredBody = { is: 'file', path: 'long', size: bytes.length } as never;
  const bodies = {
    ...noBodies,
    read: async (_: StoredBody, from = 0, length = bytes.length) => bytes.subarray(from, from + length),
    async *stream() {
      for (let at = 0; at < bytes.length; at += 60_000) yield bytes.subarray(at, at + 60_000);
    },
  };
  const { remote, shown } = forwarding(server.port, bodies);
  const sizes = { site: await site(remote), stored, sizeBytes: bytes.length };
  await remote.deliver(testAttempt(['x@there.test'], { ...sizes, recipient: { through } }));
  remote.stop();
  const sent = server.texts[0]!;
  const [, sealedHeader, body] = shown;
  assert.equal(sealedHeader, header);
  assert.ok(sent.endsWith(`\r\n\r\n${body}`));
  assert.equal(body!.length, sent.length - sent.indexOf('\r\n\r\n') - 4);
  assert.ok(body!.split('\r\n').every((line) => line.length <= 998));
});
