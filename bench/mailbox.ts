/**
 * A large mailbox, as its readers' mailers use it: SELECT, STATUS, FETCH, SEARCH, SORT, THREAD, STORE, COPY and MOVE over IMAP, against Dovecot with sdbox, both with the same
 * mails in the same run. What is asked the first time and again is told apart.
 *
 *   npm run bench -- mailbox [--json] [--messages 50000] [--rounds 3] [--only hikyaku]
 */
import { parseArgs } from 'node:util';
import { password, RunningServer } from '../test/running-server.ts';
import { haveDovecot, startDovecot } from './dovecot.ts';
import { ImapClient } from './imap-client.ts';
import { mustBeFree } from './load.ts';
import { generatedMail } from './generated-mail.ts';
import { machineLine } from './peers.ts';
import { usageOf } from './process-tree.ts';
import { finish, Results, rounded } from './rounds.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    messages: { type: 'string', default: '50000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});

interface Server extends AsyncDisposable {
  readonly pid: number;
  readonly imapPort: number;
}

const count = Number(values.messages);
const some = Math.min(5000, count);
const user = 'reader@example.test';
const dovecotPorts = { imapPort: 12_173, lmtpPort: 12_174 };
const atOnce = 200;

/** Where each is said: after a SELECT by a connection of its own (`first`: the server has not been asked before), or by one that has asked all the others. */
const asked: readonly (readonly [name: string, command: string])[] = [
  ['STATUS', 'STATUS INBOX (MESSAGES UIDNEXT UNSEEN HIGHESTMODSEQ)'],
  ['FETCH FLAGS', 'FETCH 1:* (UID FLAGS)'],
  ['FETCH ENVELOPE', 'FETCH 1:* (ENVELOPE)'],
  ['FETCH BODYSTRUCTURE', 'FETCH 1:* (BODYSTRUCTURE)'],
  ['FETCH BODY', 'FETCH 1:* (BODY.PEEK[])'],
  ['SEARCH UNSEEN', 'UID SEARCH UNSEEN'],
  ['SEARCH SUBJECT', 'UID SEARCH SUBJECT "needle"'],
  ['SEARCH FROM', 'UID SEARCH FROM "needle"'],
  ['SEARCH BODY', 'UID SEARCH BODY "haystackpin"'],
  ['SEARCH TEXT', 'UID SEARCH TEXT "haystackpin"'],
  ['SORT DATE', 'UID SORT (REVERSE DATE) UTF-8 ALL'],
  ['SORT SUBJECT', 'UID SORT (SUBJECT FROM) UTF-8 ALL'],
  ['THREAD', 'UID THREAD REFERENCES UTF-8 ALL'],
];

async function startHikyaku(): Promise<Server> {
  const server = await RunningServer.start({
    listeners: { imap: {} },
    settings: { imap: { plainTextLogin: true } },
    accounts: [user],
  });
  const dispose = (): Promise<void> => server[Symbol.asyncDispose]();
  return { pid: server.pid, imapPort: server.port('imap'), [Symbol.asyncDispose]: dispose };
}

async function dovecot(): Promise<Server> {
  for (const port of Object.values(dovecotPorts)) await mustBeFree(port);
  return Object.assign(await startDovecot({ ...dovecotPorts, layout: 'sdbox', password }), dovecotPorts);
}

async function fill(server: Server): Promise<number> {
  const client = await ImapClient.signIn(server.imapPort, user, password);
  let ms = 0;
  for (let at = 0; at < count; at += atOnce) {
    const mails = Array.from({ length: Math.min(atOnce, count - at) }, (_, i) => generatedMail(at + i));
    const startMs = performance.now();
    await client.appendAll('INBOX', mails);
    ms += performance.now() - startMs;
  }
  client.close();
  return ms;
}

const signIn = (server: Server): Promise<ImapClient> => ImapClient.signIn(server.imapPort, user, password);

async function measure(server: Server, add: (what: string, ms: number) => void): Promise<void> {
  add('APPEND', await fill(server));
  const client = await signIn(server);
  add('SELECT first', (await client.timed('SELECT INBOX')).ms);
  for (const [name, command] of asked) add(`${name} first`, (await client.timed(command)).ms);
  for (let round = 0; round < Number(values.rounds); round++) {
    const another = await signIn(server);
    add('SELECT', (await another.timed('SELECT INBOX')).ms);
    for (const [name, command] of asked) add(name, (await another.timed(command)).ms);
    another.close();
    add('STORE all, silent', (await client.timed('STORE 1:* +FLAGS.SILENT (\\Seen)')).ms);
    add('STORE all', (await client.timed('STORE 1:* -FLAGS (\\Seen)')).ms);
    await client.command('CREATE copies');
    await client.command('CREATE moved');
    add('COPY', (await client.timed(`COPY 1:${some} copies`)).ms);
    const mover = await signIn(server);
    await mover.timed('SELECT copies');
    add('MOVE', (await mover.timed(`MOVE 1:${some} moved`)).ms);
    mover.close();
    await client.command('DELETE copies');
    await client.command('DELETE moved');
  }
  client.close();
}

async function main(): Promise<void> {
  const all: [string, () => Promise<Server>][] = [['hikyaku', startHikyaku]];
  if (haveDovecot()) all.push(['dovecot', dovecot]);
  console.log(`${machineLine()}; ${count} mails of 4 KiB, COPY and MOVE of ${some}`);
  const results = new Results<number>();
  const names = new Set<string>();
  for (const [name, start] of all) {
    if (values.only !== undefined && values.only !== name) continue;
    await using server = await start();
    await measure(server, (what, ms) => {
      names.add(what);
      results.add(`${name} ${what}`, ms);
    });
    console.log(`${name}: ${usageOf(server.pid).pssMb.toFixed(0)} MB afterwards`);
  }
  const ms = (server: string, what: string): number => results.of(`${server} ${what}`, (one) => one);
  const ratio: Record<string, number> = {};
  for (const what of names) {
    const [ours, theirs] = [ms('hikyaku', what), ms('dovecot', what)];
    ratio[what] = rounded(theirs / ours);
    console.log(
      `${what.padEnd(26)} ${ours.toFixed(1).padStart(9)} ms  dovecot ${theirs.toFixed(1).padStart(9)} ms  ${ratio[what]} x`,
    );
  }
  finish({ ratio, messages: count, limit: 'one thread of each server answers one connection' }, values.json);
}

await main();
