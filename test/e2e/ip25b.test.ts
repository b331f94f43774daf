/** Mail straight from dynamic lines (IP25B) at the MX of the whole program: refused where that is asked for, with where to go instead; else weighed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { converse } from '../converse.ts';
import { RunningServer } from '../running-server.ts';

const line = 'p1234-ipad01marunouchi.tokyo.ocn.ne.jp';

async function bring(
  server: RunningServer,
  { from, id, refused }: { readonly from: string; readonly id: string; readonly refused?: string },
): Promise<void> {
  const socket = connect(server.port('mx'), '127.0.0.1');
  await once(socket, 'connect');
  await converse(
    socket,
    `C: PROXY TCP4 ${from} 192.0.2.25 4321 25
    S: 220 ...
    C: HELO mail.there.test
    S: 250 ...
    C: MAIL FROM:<bob@there.test>
    S: 250 ...
    C: RCPT TO:<alice@here.test>
    ${
      refused === undefined
        ? `S: 250 ...
    C: DATA
    S: 354 ...
    C~ From: bob@there.test\\r\\nMessage-ID: <${id}@there.test>\\r\\n\\r\\nHello\\r\\n.\\r\\n
    S: 250 ...`
        : `S: ${refused}`
    }`,
  );
  socket.destroy();
}

const settings = (action: string) => ({
  ip25b: { action, networks: ['198.18.7.0/24'] },
  dns: {
    zone: [
      { name: '1.7.30.61.in-addr.arpa', type: 'PTR', data: line },
      { name: line, type: 'A', data: '61.30.7.1' },
      { name: '2.7.30.61.in-addr.arpa', type: 'PTR', data: 'mail.there.test' },
      { name: 'mail.there.test', type: 'A', data: '61.30.7.2' },
      { name: '_dmarc.test', type: 'TXT', data: 'no policy' },
      { name: 'there.test', type: 'TXT', data: 'nothing' },
    ],
  },
});
const listeners = { mx: { proxyFrom: ['127.0.0.1'] } };
const accounts = ['alice@here.test'];

test('a dynamic line is refused where that is asked for, and told of port 587; a server is not', async () => {
  await using server = await RunningServer.start({ listeners, accounts, settings: settings('refuse') });
  await bring(server, {
    from: '61.30.7.1',
    id: 'one',
    refused:
      '550 5.7.1 61.30.7.1 looks like a line with a dynamic address, from which no mail is taken at port 25: send by the mail server of your provider, port 587 (IP25B)',
  });
  await bring(server, {
    from: '198.18.7.9',
    id: 'two',
    refused: '550 5.7.1 198.18.7.9 looks like a line ...',
  });
  await bring(server, { from: '61.30.7.2', id: 'three' });
});

test('else it is weighed, decides nothing alone, and the journey tells it', async () => {
  await using server = await RunningServer.start({ listeners, accounts, settings: settings('weigh') });
  await bring(server, { from: '61.30.7.1', id: 'one' });
  const told = async (language: string): Promise<string> => {
    for (let tries = 0; tries < 200; tries++) {
      const journey = server.command('journey', '<one@there.test>', '--language', language);
      if (journey.includes('ip25b')) return journey;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return '';
  };
  assert.match(
    await told('en'),
    /\+3\.0 ip25b\.name: the name of the address is that of a line which changes \(IP25B\) \(p1234-ipad01/,
  );
  assert.match(await told('ja'), /\+3\.0 ip25b\.name: 動的 IP アドレスとみられる逆引き名/);
});
