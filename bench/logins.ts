/**
 * How fast readers come and go: IMAP logins (connect, LOGIN, LOGOUT) by ten clients over a hundred accounts, and POP3 downloads of a whole maildrop, one message after another and
 * pipelined. Against Dovecot with an authentication cache, whose login processes serve many connections.
 *
 *   npm run bench -- logins [--json] [--rounds 3] [--seconds 3] [--messages 2000] [--only hikyaku]
 */
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { password, RunningServer } from '../test/running-server.ts';
import { haveDovecot, startDovecot } from './dovecot.ts';
import { generatedMail } from './generated-mail.ts';
import { ImapClient } from './imap-client.ts';
import { mustBeFree } from './load.ts';
import { machineLine } from './peers.ts';
import { finish, limitOf, medianCores, Results, Spent, type Cores } from './rounds.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    messages: { type: 'string', default: '2000' },
    only: { type: 'string' },
  },
});

interface Server extends AsyncDisposable {
  readonly pid: number;
  readonly imapPort: number;
  readonly pop3Port: number;
}

interface Measured {
  readonly perSecond: number;
  readonly cores: Cores;
}

const users = Array.from({ length: 100 }, (_, i) => `u${i}@example.test`);
const [reader] = users as [string];
const clientsAtOnce = 10;
const messages = Number(values.messages);
const pipelined = 50;
const appendedAtOnce = 200;
const dovecotPorts = { imapPort: 12_183, lmtpPort: 12_184, pop3Port: 12_185 };
const peers = ['dovecot'];
const ways = [' logins', ' RETR', ' RETR pipelined'] as const;

async function startHikyaku(): Promise<Server> {
  const server = await RunningServer.start({
    listeners: { imap: {}, pop3: {} },
    settings: { imap: { plainTextLogin: true }, pop3: { plainTextLogin: true } },
    accounts: users,
  });
  const [imapPort, pop3Port] = [server.port('imap'), server.port('pop3')];
  return { pid: server.pid, imapPort, pop3Port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function dovecot(): Promise<Server> {
  for (const port of Object.values(dovecotPorts)) await mustBeFree(port);
  return Object.assign(await startDovecot({ ...dovecotPorts, layout: 'sdbox', password }), dovecotPorts);
}

async function logins({ pid, imapPort }: Server, seconds: number): Promise<Measured> {
  const spent = new Spent(pid);
  const startMs = performance.now();
  let count = 0;
  const loop = async (client: number): Promise<void> => {
    for (let i = 0; performance.now() - startMs < seconds * 1000; i++) {
      const one = await ImapClient.signIn(imapPort, users[(client * 37 + i) % users.length]!, password);
      await one.command('LOGOUT');
      one.close();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: clientsAtOnce }, (_, client) => loop(client)));
  return { perSecond: (count * 1000) / (performance.now() - startMs), cores: spent.cores };
}

/** Replies that are whole, by their first line or by the dot that ends them. */
class Pop3Client {
  readonly #socket;
  #heard = '';
  #wake: () => void = () => {};

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true }).on('data', (piece: Buffer) => {
      this.#heard += piece.toString('latin1');
      this.#wake();
    });
  }

  async say(text: string, replies = 1, end = '\r\n'): Promise<string> {
    if (text !== '') this.#socket.write(text);
    let said = '';
    for (let i = 0; i < replies; i++) {
      let at = this.#heard.indexOf(end);
      for (; at === -1; at = this.#heard.indexOf(end))
        await new Promise<void>((resolve) => (this.#wake = resolve));
      said = this.#heard.slice(0, at + end.length);
      this.#heard = this.#heard.slice(at + end.length);
      if (!said.startsWith('+OK')) throw new Error(said);
    }
    return said;
  }

  close(): void {
    this.#socket.destroy();
  }
}

async function download({ pid, pop3Port }: Server, atOnce: number): Promise<Measured> {
  const client = new Pop3Client(pop3Port);
  await client.say('');
  await client.say(`USER ${reader}\r\n`);
  await client.say(`PASS ${password}\r\n`);
  const count = Number((await client.say('STAT\r\n')).split(' ')[1]);
  const spent = new Spent(pid);
  const startMs = performance.now();
  for (let from = 1; from <= count; from += atOnce) {
    const some = Math.min(atOnce, count - from + 1);
    const commands = Array.from({ length: some }, (_, i) => `RETR ${from + i}\r\n`).join('');
    await client.say(commands, some, '\r\n.\r\n');
  }
  const wallMs = performance.now() - startMs;
  await client.say('QUIT\r\n');
  client.close();
  return { perSecond: (count * 1000) / wallMs, cores: spent.cores };
}

async function measure(server: Server, add: (way: string, measured: Measured) => void): Promise<void> {
  const client = await ImapClient.signIn(server.imapPort, reader, password);
  for (let at = 0; at < messages; at += appendedAtOnce) {
    const count = Math.min(appendedAtOnce, messages - at);
    await client.appendAll(
      'INBOX',
      Array.from({ length: count }, (_, i) => generatedMail(at + i)),
    );
  }
  client.close();
  // Each account once before: what follows is what comes every minute.
  for (const user of users) (await ImapClient.signIn(server.imapPort, user, password)).close();
  add(' logins', await logins(server, Number(values.seconds)));
  add(' RETR', await download(server, 1));
  add(' RETR pipelined', await download(server, pipelined));
}

async function main(): Promise<void> {
  const all: [string, () => Promise<Server>][] = [['hikyaku', startHikyaku]];
  if (haveDovecot()) all.push(['dovecot', dovecot]);
  console.log(`${machineLine()}; ${clientsAtOnce} clients log in, ${messages} mails of 4 KiB by POP3`);
  const results = new Results<Measured>();
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const [name, start] of all) {
      if (values.only !== undefined && values.only !== name) continue;
      await using server = await start();
      await measure(server, (way, measured) => {
        results.add(`${name}${way}`, measured);
        console.log(
          `round ${round}  ${name.padEnd(8)}${way.padEnd(16)} ${measured.perSecond.toFixed(0).padStart(6)}/s`,
        );
      });
    }
  }
  const rate = (one: Measured): number => one.perSecond;
  finish(
    {
      ratio: Object.fromEntries(ways.map((way) => [way.trim(), results.ratios(peers, rate, { way })])),
      limit: limitOf(medianCores(results.all('hikyaku logins').map((one) => one.cores))),
    },
    values.json,
  );
}

await main();
