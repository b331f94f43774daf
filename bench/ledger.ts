/**
 * Searching the ledger when it is large: traces are made from generated events, then each kind of question is asked, and the slowest is told.
 *
 *   npm run bench -- ledger [--json] [--events 10000000] [--asked 20] [--folder DIR]
 *
 * Events come in threes (accepted, deferred or not, delivered or bounced); organisations, words, addresses and replies are spread as in life: a few are
 * very common. `--folder` keeps the store, and takes up one that is there.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { MessageId } from '../src/base/ids.ts';
import type { EventData, MailEvent } from '../src/events/event.ts';
import { move, forget } from '../src/events/ledger.ts';
import { recordEvents } from '../src/events/operations.ts';
import { rollUp } from '../src/events/roll-up.ts';
import { searchTraces, tracedTo, type TraceQuery } from '../src/events/trace-search.ts';
import { migrations } from '../src/app/migrations.ts';
import { openSqlite } from '../src/store/open-sqlite.ts';
import type { Store } from '../src/store/store.ts';
import { machineLine } from './peers.ts';
import { finish, median, rounded } from './rounds.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    events: { type: 'string', default: '10000000' },
    asked: { type: 'string', default: '20' },
    folder: { type: 'string' },
  },
});

const wanted = Number(values.events);
const asked = Number(values.asked);
const bootMs = Date.UTC(2026, 0, 1);
let seed = 7;
/** Seeded, so that two runs make the same ledger. */
function random(): number {
  seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
  return seed / 0x7fff_ffff;
}
/** Small numbers often, large ones seldom. */
const skewed = (max: number): number => Math.floor(max * random() ** 4);

const replies = [
  '550 5.1.1 The email account that you tried to reach does not exist',
  '450 4.2.1 The user you are trying to contact is receiving mail too quickly',
  '421 4.7.28 Our system has detected an unusual rate of mail originating from your IP',
  '552 5.2.2 Mailbox full',
  '554 5.7.1 Message rejected under suspicion of SPAM',
];
const subjects = [
  'ご注文の確認',
  'Your order',
  'Password reset',
  '会員登録のお知らせ',
  'Newsletter',
  'Invoice',
];
const domains = ['gmail.com', 'docomo.ne.jp', 'yahoo.co.jp', 'outlook.com', 'softbank.ne.jp'];

const orgName = (n: number): string => `org${n}`;
const recipientName = (n: number): string => `user${n}@${domains[n % domains.length] ?? ''}`;

function mail(number: number): MailEvent[] {
  const org = orgName(skewed(100));
  const message = `m${String(number).padStart(19, '0')}` as MessageId;
  const recipient = recipientName(skewed(2_000_000));
  const atMs = bootMs + number * 700;
  const subject = `${subjects[skewed(subjects.length)] ?? ''} #${number} word${skewed(50_000)}`;
  const accepted: EventData['accepted'] = {
    via: 'http',
    sender: `sender${skewed(500)}@${org}.test`,
    recipients: [recipient],
    sizeBytes: 4096,
    headerMessageId: `<${number}@${org}.test>`,
    subject,
    account: '',
    labels: { stream: random() < 0.3 ? 'transactional' : 'bulk', tags: [`tag${skewed(300)}`] },
    peer: '192.0.2.1',
    helo: 'app.test',
    tls: null,
    reply: '250 2.0.0 Ok',
  };
  const same = { message, org, recipient };
  const host = `mx${skewed(20)}.${domains[number % domains.length] ?? ''}`;
  const bad = replies[skewed(replies.length)] ?? '';
  const events: MailEvent[] = [{ is: 'accepted', atMs, message, org, recipient: '', data: accepted }];
  if (random() < 0.3)
    events.push({
      ...same,
      is: 'deferred',
      atMs: atMs + 200,
      data: { phase: 'rcpt', host, reply: bad, nextTryAtMs: 0, try: 1 },
    });
  if (random() < 0.04)
    events.push({
      ...same,
      is: 'bounced',
      atMs: atMs + 400,
      data: { phase: 'rcpt', host, reply: bad, why: 'refused' },
    });
  else {
    const reply = `250 2.0.0 OK queued as ${number.toString(36)}`;
    events.push({
      ...same,
      is: 'delivered',
      atMs: atMs + 400,
      data: { host, ip: '', reply, ms: 90, tls: null, try: 1 },
    });
  }
  return events;
}

async function fill(store: Store): Promise<number> {
  let made = await store.read(() => tracedTo());
  const perMail = 2.3;
  let number = Math.round(made / perMail);
  let indexMs = 0;
  const start = performance.now();
  while (made < wanted) {
    const events: MailEvent[] = [];
    while (events.length < 2000) events.push(...mail(number++));
    await store.write(recordEvents, events);
    while ((await store.write(move, undefined)).count > 0);
    await store.write(forget, undefined);
    const before = performance.now();
    while ((await rollUp(store)).count > 0);
    indexMs += performance.now() - before;
    made += events.length;
  }
  if (!values.json)
    console.log(
      `${made} events, filled in ${rounded((performance.now() - start) / 1000, 0)} s; traces took ${rounded((indexMs * 1000) / Math.max(1, made), 1)} µs an event`,
    );
  return made;
}

const questions: Readonly<Record<string, () => TraceQuery>> = {
  newest: () => ({}),
  recipient: () => ({ recipient: recipientName(skewed(2_000_000)) }),
  domain: () => ({ recipient: '@docomo.ne.jp', org: orgName(0) }),
  sender: () => ({ sender: `sender${skewed(500)}@${orgName(0)}.test` }),
  subject: () => ({ subject: `word${skewed(50_000)}` }),
  subjectJapanese: () => ({ subject: '注文の確認', org: orgName(skewed(100)) }),
  reply: () => ({ reply: 'does not exist', org: orgName(skewed(100)) }),
  replyRare: () => ({ reply: `queued as ${skewed(wanted / 3).toString(36)}` }),
  status: () => ({ status: 'bounced' }),
  tag: () => ({ tag: `tag${skewed(300)}`, org: orgName(skewed(100)) }),
  time: () => ({ fromMs: bootMs + skewed(wanted / 3) * 700, status: 'bounced' }),
  messageId: () => ({ messageId: `<${Math.floor((random() * wanted) / 3)}@${orgName(skewed(100))}.test>` }),
  together: () => ({
    org: orgName(0),
    status: 'bounced',
    subject: 'order',
    reply: 'full',
    recipient: '@gmail.com',
  }),
  nothing: () => ({ org: orgName(99), status: 'held', subject: 'order' }),
  begins: () => ({ text: 'invo*', status: 'bounced' }),
};

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'hikyaku-ledger-'));
mkdirSync(folder, { recursive: true });
try {
  await using host = await openSqlite({
    folder,
    migrations,
    operations: new URL('../src/app/operations.ts', import.meta.url).href,
    durable: false,
  });
  const { store } = host;
  if (!values.json) console.log(machineLine());
  const events = await fill(store);
  // The scan thread starts at the first question.
  await store.scan(searchTraces, { engine: 'sqlite', query: {}, before: undefined, max: 1 });
  const figures: Record<string, number> = {};
  for (const [name, ask] of Object.entries(questions)) {
    const times: number[] = [];
    for (let i = 0; i < asked; i++) {
      const start = performance.now();
      await store.scan(searchTraces, { engine: 'sqlite', query: ask(), before: undefined, max: 50 });
      times.push(performance.now() - start);
    }
    figures[name] = rounded(Math.max(...times), 1);
    if (!values.json)
      console.log(`${name.padEnd(18)} median ${rounded(median(times), 1)} ms, slowest ${figures[name]} ms`);
  }
  finish({ events, slowestMs: figures }, values.json);
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
