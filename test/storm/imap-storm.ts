/**
 * Many sessions against each other in one mailbox: flags, expunges, copies, moves, appends, in every dialect. Each believes nothing (mirror.ts); in the end all
 * pictures are the same, a client that was away catches up by QRESYNC and CONDSTORE to just that, and a recount finds nothing wrong.
 */
import assert from 'node:assert/strict';
import { simple } from '../../src/mailbox/testing.ts';
import { problemsOf } from '../../src/mailbox/testing.ts';
import { password, type ImapWorld } from '../interop/imap-world.ts';
import { dice, Mirror, numbersOf, type Seen } from './mirror.ts';

/** What each session has switched on. */
const dialects = [
  '',
  'ENABLE CONDSTORE',
  'ENABLE QRESYNC',
  'ENABLE IMAP4rev2',
  'ENABLE IMAP4rev2 QRESYNC',
  'ENABLE UIDONLY',
  'NOTIFY SET (SELECTED (MessageNew (UID FLAGS) MessageExpunge FlagChange))',
];

const flags = ['\\Seen', '\\Flagged', '\\Deleted', '\\Answered', 'blue', '$Forwarded'];

export interface StormSize {
  readonly steps: number;
  readonly seed: number;
}

export async function storm(world: ImapWorld, { steps, seed }: StormSize): Promise<void> {
  const alice = world.accounts.get('alice')!;
  await world.mailboxes.access.setSetting(alice, 'imap.with', 'UIDONLY');
  const [inbox] = await world.mailboxes.list(alice);
  const messages = Array.from({ length: 20 }, (_, i) => simple(`m${i + 1}`));
  await world.mailboxes.append(alice, inbox!.id, messages);
  const sessions = await Promise.all(dialects.map((dialect, i) => open(world, dialect, `s${i}x`)));
  await Promise.all(sessions.map((session, i) => live(session, dice(seed * 100 + i), steps)));
  await compareAll(sessions, await truth(world));
  for (const session of sessions) session.end();
  assert.deepEqual(await problemsOf(world.store, alice), []);
}

async function open(world: ImapWorld, dialect: string, name: string): Promise<Mirror> {
  const mirror = new Mirror(world.connect(), name);
  await mirror.ok(`LOGIN alice@here.test "${password}"`);
  if (dialect !== '') await mirror.ok(dialect);
  mirror.uidOnly = dialect.includes('UIDONLY');
  mirror.atOnce = dialect.startsWith('NOTIFY');
  await mirror.ok('SELECT INBOX');
  return mirror;
}

async function live(session: Mirror, roll: (sides: number) => number, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await act(session, roll);
}

/** One command, or a few at once. */
async function act(session: Mirror, roll: (sides: number) => number): Promise<void> {
  const set = someSet(session, roll);
  const uid = session.uidOnly || session.atOnce || roll(2) === 0 ? 'UID ' : '';
  const target = uid === '' ? set.numbers : set.uids;
  if (target === '') return void (await session.ok('NOOP'));
  const flag = flags[roll(flags.length)]!;
  switch (roll(18)) {
    case 0:
    case 1:
      return changed(session, `${uid}STORE ${target} ${['+', '-', ''][roll(3)]!}FLAGS (${flag})`);
    case 2:
      return silently(
        session,
        `${uid}STORE ${target}`,
        uid !== '' && set.isAll ? [...session.messages] : set.messages,
      );
    case 3:
      return changed(session, `${uid}FETCH ${target} (UID FLAGS)`);
    case 4:
      return changed(session, `${uid}SEARCH ${flag.startsWith('\\') ? flag.slice(1).toUpperCase() : 'ALL'}`);
    case 5:
      return void (await session.ok('EXPUNGE'));
    case 6:
      return changed(session, `${uid}COPY ${target} INBOX`);
    case 7:
      return changed(session, `${uid}MOVE ${target} INBOX`);
    case 8:
      return void (await session.ok(`APPEND INBOX (${flag}) {10+}\r\nA: b\r\n\r\nxx`));
    case 9:
      return session.idle(new Promise((resolve) => setTimeout(resolve, roll(8))));
    case 10:
      // Sent at once: numbers of the second must mean what they meant when it was sent.
      await Promise.all([
        changed(session, `${uid}FETCH ${target} (UID FLAGS)`),
        changed(session, `${uid}STORE ${target} +FLAGS (blue)`),
        session.ok('NOOP'),
      ]);
      return;
    case 11:
      return conditionally(session, uid, set, flag);
    case 12:
      return replaced(session, uid, set);
    case 13:
      return found(session, `${uid}SEARCH RETURN (MIN MAX COUNT ALL) NOT DELETED`);
    case 14:
      return changed(session, `${uid}SORT (REVERSE ARRIVAL SUBJECT) UTF-8 UNDELETED`);
    case 15:
      return selectedAgain(session, roll);
    case 16:
      return void (await session.ok('STATUS INBOX (MESSAGES UNSEEN UIDNEXT DELETED SIZE)'));
    default:
      return void (await session.ok('NOOP'));
  }
}

/** MODIFIED names only messages that were meant. */
async function conditionally(session: Mirror, uid: string, set: SomeSet, flag: string): Promise<void> {
  const target = uid === '' ? set.numbers : set.uids;
  const modseq = Math.max(0, ...set.messages.map((message) => message.modseq));
  const command = `${uid}STORE ${target} (UNCHANGEDSINCE ${modseq}) +FLAGS (${flag})`;
  const answer = await session.send(command);
  assert.notEqual(answer.status, 'BAD', `${session.name}: ${command}: ${answer.text}\n${session.history()}`);
  const modified = /\[MODIFIED ([\d:,]+)\]/.exec(answer.text);
  if (modified === null || (uid !== '' && set.isAll)) return;
  const meant = new Set(numbersOf(target));
  for (const n of numbersOf(modified[1]!)) assert(meant.has(n), `${command}: ${answer.text}`);
}

async function replaced(session: Mirror, uid: string, set: SomeSet): Promise<void> {
  const one = uid === '' ? set.numbers.split(':')[0] : set.messages[0]!.uid;
  if (one !== undefined) await changed(session, `${uid}REPLACE ${one} INBOX (blue) {10+}\r\nA: b\r\n\r\nyy`);
}

/** All of an ESEARCH agrees with itself. */
async function found(session: Mirror, command: string): Promise<void> {
  const { lines } = await session.ok(command);
  const rest = lines.find((line) => line.startsWith('* ESEARCH (TAG '))!.replace(/^\* ESEARCH \([^)]*\)/, '');
  const value = (name: string) => new RegExp(` ${name} ([\\d:,]+)`).exec(rest)?.[1];
  const set = value('ALL');
  const all = set === undefined ? [] : numbersOf(set);
  assert.equal(rest.startsWith(' UID'), command.startsWith('UID '), rest);
  assert.equal(value('COUNT'), `${all.length}`, rest);
  const ends = all.length === 0 ? [undefined, undefined] : [`${all[0]}`, `${all.at(-1)}`];
  assert.deepEqual([value('MIN'), value('MAX')], ends, rest);
}

/** Away from the mailbox and back, in each of the ways. */
async function selectedAgain(session: Mirror, roll: (sides: number) => number): Promise<void> {
  const way = ['UNSELECT', 'CLOSE', undefined][roll(3)];
  if (way !== undefined) {
    await session.ok(way);
    session.reset();
  }
  await session.ok('SELECT INBOX');
}

/** Messages may be gone meanwhile: then NO is right, and BAD never is. */
async function changed(session: Mirror, command: string): Promise<void> {
  const answer = await session.send(command);
  assert.notEqual(answer.status, 'BAD', `${session.name}: ${command}: ${answer.text}\n${session.history()}`);
  const copied = /\[COPYUID \d+ (\S+) (\S+)\]/.exec(answer.text);
  if (copied) assert.equal(numbersOf(copied[1]!).length, numbersOf(copied[2]!).length, answer.text);
}

/** What it did itself the client must know by itself; a message that is told of during the command is as it was told. */
async function silently(session: Mirror, command: string, messages: readonly Seen[]): Promise<void> {
  const before = messages.map(({ flags: names }) => names);
  const answer = await session.send(`${command} +FLAGS.SILENT (\\Deleted)`);
  assert.notEqual(answer.status, 'BAD', `${session.name}: ${command}: ${answer.text}`);
  messages.forEach((message, i) => {
    if (message.flags === undefined || message.flags !== before[i]) return;
    message.flags = answer.status === 'OK' ? new Set([...message.flags, '\\deleted']) : undefined;
  });
}

interface SomeSet {
  readonly numbers: string;
  readonly uids: string;
  readonly messages: readonly Seen[];
  /** `uids` is everything. */
  readonly isAll: boolean;
}

function someSet(session: Mirror, roll: (sides: number) => number): SomeSet {
  const { messages } = session;
  if (messages.length === 0) return { numbers: '', uids: '', messages, isAll: false };
  const from = roll(messages.length);
  const to = Math.min(messages.length - 1, from + roll(4));
  const some = messages.slice(from, to + 1);
  const uids = some.flatMap(({ uid }) => (uid === undefined ? [] : [uid]));
  const isAll = uids.length === 0;
  return {
    numbers: `${from + 1}:${to + 1}`,
    uids: isAll ? '1:*' : uids.join(','),
    messages: some,
    isAll,
  };
}

/** Everything, as a session sees it that has just come. */
async function truth(world: ImapWorld): Promise<Map<number, string>> {
  const fresh = await open(world, 'ENABLE CONDSTORE', 'fresh');
  if (fresh.messages.length > 0) await fresh.ok('FETCH 1:* (UID FLAGS)');
  const found = picture(fresh);
  fresh.end();
  return found;
}

function picture(session: Mirror): Map<number, string> {
  return new Map(session.messages.map(({ uid, flags: names }) => [uid!, [...names!].sort().join(' ')]));
}

async function compareAll(sessions: readonly Mirror[], expected: Map<number, string>): Promise<void> {
  for (const session of sessions) {
    await session.ok('NOOP');
    // What was told unasked must be right; what never was is asked for now.
    for (const { uid, flags: names } of session.messages) {
      if (uid !== undefined && names !== undefined && expected.has(uid))
        assert.equal(
          [...names].sort().join(' '),
          expected.get(uid),
          `${session.name}: ${uid}\n${session.history()}`,
        );
    }
    assert.equal(session.messages.length, expected.size, `${session.name}\n${session.history()}`);
    if (expected.size > 0) await session.ok('UID FETCH 1:* (FLAGS)');
    assert.deepEqual(picture(session), expected, session.name);
  }
}

/** A client that leaves at many moments of the storm, and each time it comes back catches up by QRESYNC to exactly what a full read gives. */
export async function comingAndGoing(world: ImapWorld, { steps, seed }: StormSize): Promise<void> {
  const alice = world.accounts.get('alice')!;
  const [inbox] = await world.mailboxes.list(alice);
  await world.mailboxes.append(
    alice,
    inbox!.id,
    Array.from({ length: 10 }, (_, i) => simple(`m${i}`)),
  );
  const others = await Promise.all([open(world, '', 'o1x'), open(world, 'ENABLE QRESYNC', 'o2x')]);
  const pasts: Past[] = [];
  const roll = dice(seed);
  for (let step = 0; step < steps; step++) {
    for (const other of others) await act(other, roll);
    if (step % 5 === 0) pasts.push(await remembered(world));
    if (step % 4 === 0) await resync(world, pasts[roll(pasts.length)]!);
  }
  for (const past of pasts) await resync(world, past);
  for (const other of others) other.end();
}

interface Past {
  readonly validity: string;
  readonly modseq: string;
  readonly known: ReadonlyMap<number, string>;
}

async function remembered(world: ImapWorld): Promise<Past> {
  const session = new Mirror(world.connect(), 'past');
  await session.ok(`LOGIN alice@here.test "${password}"`);
  await session.ok('ENABLE QRESYNC');
  const { lines } = await session.ok('SELECT INBOX');
  const validity = /UIDVALIDITY (\d+)/.exec(lines.join('\n'))![1]!;
  const modseq = /HIGHESTMODSEQ (\d+)/.exec(lines.join('\n'))![1]!;
  if (session.messages.length > 0) await session.ok('FETCH 1:* (UID FLAGS)');
  const known = picture(session);
  session.end();
  return { validity, modseq, known };
}

async function resync(world: ImapWorld, past: Past): Promise<void> {
  const session = new Mirror(world.connect(), 'back');
  await session.ok(`LOGIN alice@here.test "${password}"`);
  await session.ok('ENABLE QRESYNC');
  const { lines } = await session.ok(`SELECT INBOX (QRESYNC (${past.validity} ${past.modseq}))`);
  const told = new Map(past.known);
  for (const line of lines) {
    const vanished = /VANISHED \(EARLIER\) (\S+)/.exec(line);
    if (vanished) for (const uid of numbersOf(vanished[1]!)) told.delete(uid);
  }
  for (const { uid, flags: names } of session.messages)
    if (uid !== undefined && names !== undefined) told.set(uid, [...names].sort().join(' '));
  const now = await remembered(world);
  assert.deepEqual(
    new Map([...told].sort(([a], [b]) => a - b)),
    now.known,
    `from ${past.modseq} to ${now.modseq}\n${session.history()}`,
  );
  // The same by CONDSTORE: flags since then, and whatever is not there any more.
  if (session.messages.length > 0) {
    const { lines: changes } = await session.ok(
      `UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${past.modseq} VANISHED)`,
    );
    const again = new Map(past.known);
    for (const line of changes) {
      const gone = /VANISHED \(EARLIER\) (\S+)/.exec(line);
      if (gone) for (const uid of numbersOf(gone[1]!)) again.delete(uid);
      const fetch = /FETCH \(UID (\d+) FLAGS \(([^)]*)\)/.exec(line);
      if (fetch)
        again.set(
          Number(fetch[1]),
          fetch[2]!
            .toLowerCase()
            .split(' ')
            .filter((flag) => flag !== '' && flag !== '\\recent')
            .sort()
            .join(' '),
        );
    }
    assert.deepEqual(new Map([...again].sort(([a], [b]) => a - b)), now.known, 'CHANGEDSINCE');
  }
  session.end();
}
