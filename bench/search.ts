/**
 * Searching in a large mailbox, over IMAP: any word of English and of Japanese, in bodies and subjects, phrases, parts of words; how large the index is against the texts, and how fast it is
 * built. Against Dovecot without a plug-in, with the same mails in the same run: it reads them all, so it gets fewer of them (`--peer-mails`), and so do we for the comparison. With Debian's
 * dovecot-fts-xapian that is another peer.
 *
 *   npm run bench -- search [--json] [--mails 100000] [--chars 1500] [--peer-mails 20000] [--words 60] [--only hikyaku]
 */
import { parseArgs } from 'node:util';
import { openStoreHost } from '../src/app/open-store.ts';
import { systemClock } from '../src/base/clock.ts';
import type { AccountId } from '../src/base/ids.ts';
import { silentLog } from '../src/base/log.ts';
import { noMetrics } from '../src/base/metrics.ts';
import { AccountIndex } from '../src/mailbox/account-index.ts';
import { prepareEmail } from '../src/mailbox/email-facts.ts';
import { indexStatus } from '../src/mailbox/index-status.ts';
import { Mailboxes } from '../src/mailbox/mailboxes.ts';
import { openSqliteIndex } from '../src/store/open-index.ts';
import { row, type Transaction } from '../src/store/transaction.ts';
import { password, RunningServer } from '../test/running-server.ts';
import { haveDovecot, haveXapian, startDovecot } from './dovecot.ts';
import { ImapClient } from './imap-client.ts';
import { mustBeFree } from './load.ts';
import { machineLine } from './peers.ts';
import { finish, median, rounded } from './rounds.ts';
import { MailMaker } from './search-mails.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    mails: { type: 'string', default: '100000' },
    chars: { type: 'string', default: '1500' },
    'peer-mails': { type: 'string', default: '20000' },
    words: { type: 'string', default: '60' },
    only: { type: 'string' },
  },
});

const user = 'reader@example.test';
const chars = Number(values.chars);
const dovecotPorts = { imapPort: 12_183, lmtpPort: 12_184 };
const xapianPorts = { imapPort: 12_185, lmtpPort: 12_186 };
const atOnce = 200;
const maker = new MailMaker();
const mailOf = (number: number): Buffer => Buffer.from(maker.mail(number, chars).message);

function* accountNamed(): Transaction<AccountId> {
  return (yield* row<{ id: AccountId }>('select id from directory_account')).id;
}

interface Built {
  readonly mailsPerSecond: number;
  /** By processor time, when others use the machine too. */
  readonly mailsPerCpuSecond: number;
  /** Bytes of the index for each byte of text. */
  readonly share: number;
  readonly textMb: number;
}

/** A server with an account that has `count` mails, all of them indexed. */
async function prepare(count: number): Promise<{ server: RunningServer; built: Built }> {
  const server = await RunningServer.prepare({
    listeners: { imap: {} },
    settings: { imap: { plainTextLogin: true } },
    accounts: [user],
  });
  await using host = await openStoreHost(server.settings, silentLog);
  const account = await host.store.read(() => accountNamed());
  using mailboxes = new Mailboxes({
    store: host.store,
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
  });
  const box = (await mailboxes.find(account, 'INBOX'))!;
  for (let at = 0; at < count; at += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, count - at) }, (_, i) => {
      const bytes = mailOf(at + i);
      const flags = { system: 0, keywords: [] };
      const body = { is: 'inline', bytes } as const;
      return { flags, receivedAtMs: systemClock.nowMs(), body, email: prepareEmail(bytes) };
    });
    await mailboxes.append(account, box.id, batch);
  }
  const store = host.store;
  await using index = openSqliteIndex(`${server.settings.data}/store`);
  const { signal } = new AbortController();
  const parts = { store, index, log: silentLog, extract: async () => '', signal };
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  await new AccountIndex(parts, account).catchUp(0);
  const mailsPerSecond = count / ((performance.now() - startMs) / 1000);
  const cpu = process.cpuUsage(cpuBefore);
  const mailsPerCpuSecond = count / ((cpu.user + cpu.system) / 1e6);
  const status = (await store.scan(indexStatus, { account: account }))!;
  const share = status.indexBytes / status.textBytes;
  return {
    server,
    built: { mailsPerSecond, mailsPerCpuSecond, share, textMb: status.textBytes / 1024 / 1024 },
  };
}

/** Kinds of questions, each with its texts: words of all ranks, since a Zipf-like vocabulary has few that are common. */
function questions(): Map<string, string[]> {
  const { english, japanese } = maker.words;
  const count = Number(values.words);
  // From the 10th word to the last that comes now and then, evenly by the logarithm of the rank.
  const spread = (words: readonly string[]): string[] =>
    Array.from({ length: count }, (_, i) => words[Math.floor(10 * (words.length / 20) ** (i / count))]!);
  const of = (key: string, words: readonly string[]): [string, string[]] => [
    key,
    words.map((word) => `${key} ${literal(word)}`),
  ];
  const [e, j] = [spread(english), spread(japanese)];
  const phrase = (number: number): string => {
    const text = maker.mail(number, chars).text.replaceAll('\n', ' ');
    return text.slice(30, number % 2 === 1 ? 36 : 48).trim();
  };
  return new Map([
    ['BODY, English word', of('BODY', e)[1]],
    ['BODY, Japanese word', of('BODY', j)[1]],
    ['TEXT, English word', of('TEXT', e)[1]],
    ['TEXT, Japanese word', of('TEXT', j)[1]],
    ['SUBJECT, any word', of('SUBJECT', [...e, ...j])[1]],
    [
      'BODY, part of a word',
      of(
        'BODY',
        e.map((word) => word.slice(1, -1)).filter((word) => word.length > 2),
      )[1],
    ],
    [
      'BODY, phrase',
      of(
        'BODY',
        Array.from({ length: 20 }, (_, i) => phrase(i * 7)),
      )[1],
    ],
    [
      'FROM, address',
      of(
        'FROM',
        Array.from({ length: 20 }, (_, i) => `user${i * 40}@there`),
      )[1],
    ],
  ]);
}

const literal = (text: string): string => `{${Buffer.byteLength(text)}+}\r\n${text}`;

async function ask(port: number, texts: readonly string[]): Promise<number[]> {
  const client = await ImapClient.signIn(port, user, password);
  await client.timed('SELECT INBOX');
  const times: number[] = [];
  for (const text of texts) times.push((await client.timed(`UID SEARCH CHARSET UTF-8 ${text}`)).ms);
  client.close();
  return times;
}

async function large(count: number): Promise<Record<string, number>> {
  const { server: made, built } = await prepare(count);
  await using server = made;
  await server.begin();
  console.log(
    `${count} mails, ${built.textMb.toFixed(0)} MiB of text: index of ${(100 * built.share).toFixed(1)} % of it, built at ${built.mailsPerSecond.toFixed(0)} mails/s (${built.mailsPerCpuSecond.toFixed(0)} a second of processor time)`,
  );
  const figures: Record<string, number> = {
    buildRate: rounded(built.mailsPerSecond),
    buildRatePerCpuSecond: rounded(built.mailsPerCpuSecond),
    indexShare: rounded(built.share, 3),
  };
  await ask(server.port('imap'), ['BODY warm', 'TEXT warm', 'SUBJECT warm']);
  for (const [name, texts] of questions()) {
    const times = (await ask(server.port('imap'), texts)).sort((a, b) => a - b);
    const p95 = times[Math.floor(times.length * 0.95)]!;
    console.log(
      `${name.padEnd(24)} median ${median(times).toFixed(1).padStart(8)} ms   95 % ${p95.toFixed(1).padStart(8)} ms`,
    );
    figures[`${name}, ms`] = rounded(median(times));
  }
  console.log(`${server.memoryMb().toFixed(0)} MB of memory afterwards`);
  return figures;
}

const peerQuestions = (): [string, string[]][] => {
  const all = questions();
  return ['BODY, English word', 'BODY, Japanese word', 'TEXT, English word', 'SUBJECT, any word'].map(
    (name) => {
      const texts = all.get(name)!;
      return [name, [0.2, 0.5, 0.8].map((part) => texts[Math.floor(texts.length * part)]!)];
    },
  );
};

async function fill(port: number, count: number): Promise<void> {
  const client = await ImapClient.signIn(port, user, password);
  for (let at = 0; at < count; at += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, count - at) }, (_, i) => mailOf(at + i));
    await client.appendAll('INBOX', batch);
  }
  client.close();
}

/** The same mails in each server, asked one after the other for each kind of question. */
async function compared(count: number): Promise<Record<string, number>> {
  for (const port of [...Object.values(dovecotPorts), ...Object.values(xapianPorts)]) await mustBeFree(port);
  const { server: made, built: own } = await prepare(count);
  await using ours = made;
  await ours.begin();
  await using dovecot = await startDovecot({ ...dovecotPorts, layout: 'sdbox', password });
  await fill(dovecotPorts.imapPort, count);
  const ratio: Record<string, number> = {};
  const peers: [string, number][] = [['dovecot', dovecotPorts.imapPort]];
  await using xapian = haveXapian()
    ? await startDovecot({ ...xapianPorts, layout: 'sdbox', password, fullText: true })
    : undefined;
  void dovecot;
  if (xapian !== undefined) {
    await fill(xapianPorts.imapPort, count);
    const startMs = performance.now();
    await xapian.index(user);
    const rate = count / ((performance.now() - startMs) / 1000);
    ratio['build, fts-xapian'] = rounded(own.mailsPerSecond / rate);
    console.log(`built at ${own.mailsPerSecond.toFixed(0)} mails/s, fts-xapian at ${rate.toFixed(0)}`);
    peers.push(['fts-xapian', xapianPorts.imapPort]);
  }
  for (const [name, texts] of peerQuestions()) {
    const mine = median(await ask(ours.port('imap'), [...texts, ...texts, ...texts]));
    for (const [peer, port] of peers) {
      const theirs = median(await ask(port, texts));
      ratio[`${name}, ${peer}`] = rounded(theirs / mine);
      console.log(
        `${name.padEnd(24)} ${mine.toFixed(1).padStart(8)} ms   ${peer.padEnd(10)} ${theirs.toFixed(1).padStart(8)} ms   ${(theirs / mine).toFixed(1)} x`,
      );
    }
  }
  return ratio;
}

async function main(): Promise<void> {
  console.log(machineLine());
  const figures = await large(Number(values.mails));
  const peer = haveDovecot() && values.only !== 'hikyaku';
  const ratio = peer ? await compared(Number(values['peer-mails'])) : {};
  finish({ ratio, ...figures, limit: 'one search at a time' }, values.json);
}

await main();
