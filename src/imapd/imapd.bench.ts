/**
 * IMAP over a mailbox of many messages of 4 KiB, with the client in a thread of its own. `node src/imapd/imapd.bench.ts [messages]`
 *
 * For each command: wall time, CPU of the server's thread, the longest stretch in which the event loop did not turn, octets sent. Then the memory of idle
 * sessions (both ends of the socket are in this process: the figure is an upper bound).
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { openImapWorld, password } from '../../test/interop/imap-world.ts';
import { message } from '../mailbox/testing.ts';

const [count = 50_000] = process.argv.slice(2).map(Number);
const idleSessions = 2_000;

/** The client: sends a command, counts what comes until its tagged reply. */
const clientSource = `
const { connect } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
let socket, total = 0, tail = '', tag = '* OK';
const others = [];
function open(port) {
  socket = connect(port, '127.0.0.1');
  socket.on('data', (chunk) => {
    total += chunk.length;
    tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - 2000))).slice(-2000);
    if (tail.includes(tag)) { const at = tail.indexOf(tag); const line = tail.slice(at).split('\\r\\n')[0]; const bytes = total; total = 0; tail = ''; tag = '\\0'; parentPort.postMessage({ bytes, line }); }
  });
}
parentPort.on('message', ({ port, command, idle }) => {
  if (port) return open(port);
  if (idle) {
    let left = idle.count, started = 0;
    const next = () => {
      if (started++ >= idle.count) return;
      const other = connect(idle.port, '127.0.0.1');
      others.push(other);
      other.on('data', (chunk) => {
        if (!chunk.includes('+ idling')) return;
        if (--left === 0) parentPort.postMessage({ bytes: 0, line: 'idle' });
        if (started === 1) for (let i = 0; i < 20; i++) next();
        else next();
      });
      other.write(idle.text);
    };
    next();
    return;
  }
  tag = 't' + Math.random().toString(36).slice(2) + ' ';
  socket.write(tag + command + '\\r\\n');
});
`;

const text = (n: number): string =>
  `From: "Sender ${n}" <s${n}@there.test>\nTo: alice@here.test\nSubject: message number ${n}\nDate: Tue, 24 Nov 2026 10:00:00 +0900\n` +
  `Message-ID: <${n}@there.test>\nContent-Type: text/plain; charset=utf-8\n\n${'The quick brown fox jumps over the lazy dog, again.\n'.repeat(73)}`;

await using world = await openImapWorld({ options: { sessionsPerAccountMax: 100_000 } });
const account = world.accounts.get('alice')!;
const [inbox] = await world.mailboxes.list(account);
for (let at = 0; at < count; at += 500) {
  const batch = Array.from({ length: Math.min(500, count - at) }, (_, i) => message(text(at + i)));
  await world.mailboxes.append(account, inbox!.id, batch);
}

const port = await world.listen();
const worker = new Worker(clientSource, { eval: true });
const answer = (): Promise<{ bytes: number; line: string }> =>
  new Promise((resolve) => worker.once('message', resolve));

async function run(command: string): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.threadCpuUsage();
  const begun = performance.now();
  worker.postMessage({ command });
  const { bytes, line } = await answer();
  const ms = performance.now() - begun;
  const used = process.threadCpuUsage(cpu);
  delay.disable();
  const cpuMs = (used.user + used.system) / 1000;
  console.log(
    `${command.slice(0, 44).padEnd(44)} ${ms.toFixed(1).padStart(8)} ms  cpu ${cpuMs.toFixed(1).padStart(8)} ms  ` +
      `longest ${(delay.max / 1e6).toFixed(1).padStart(6)} ms  ${(bytes / 1e6).toFixed(2).padStart(7)} MB  ${line.split(' ')[1]}`,
  );
}

const greeted = answer();
worker.postMessage({ port });
await greeted;
await run(`LOGIN alice@here.test "${password}"`);
for (const command of [
  'SELECT INBOX',
  'SELECT INBOX',
  'FETCH 1:* (UID FLAGS)',
  'FETCH 1:* (UID FLAGS)',
  'FETCH 1:* (UID FLAGS)',
  'FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)',
  'FETCH 1:* (ENVELOPE)',
  'FETCH 1:* (ENVELOPE)',
  'FETCH 1:* (BODYSTRUCTURE)',
  'FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])',
  'FETCH 1:* (BODY.PEEK[])',
  'FETCH 1:* (BODY.PEEK[])',
  'SEARCH UNSEEN',
  'UID SEARCH SUBJECT "number 4711"',
  'SORT (SUBJECT) UTF-8 ALL',
  'SORT (REVERSE DATE) UTF-8 ALL',
  'THREAD REFERENCES UTF-8 ALL',
  'STORE 1:* +FLAGS.SILENT (\\Seen)',
  'STORE 1:* -FLAGS (\\Seen)',
  'STATUS INBOX (MESSAGES UNSEEN UIDNEXT)',
]) {
  await run(command);
}

global.gc?.();
const before = process.memoryUsage();
const ready = answer();
const login = `a LOGIN bob@here.test "${password}"\r\nb SELECT INBOX\r\nc IDLE\r\n`;
worker.postMessage({ idle: { port, count: idleSessions, text: login } });
await ready;
global.gc?.();
await new Promise((resolve) => setImmediate(resolve));
global.gc?.();
const after = process.memoryUsage();
const each = (name: 'heapUsed' | 'rss' | 'external'): string =>
  `${name} ${((after[name] - before[name]) / idleSessions / 1024).toFixed(1)} KiB`;
console.log(`${idleSessions} idle sessions, each: ${each('heapUsed')}, ${each('external')}, ${each('rss')}`);
await worker.terminate();
