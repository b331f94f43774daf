/**
 * Many sessions against each other in the tree of mailboxes: they create, rename, delete and subscribe the same few names, and select and fill what is there.
 *
 * Checked all the while: no answer is BAD, LIST names nothing twice and every superior of what it names, a (UIDVALIDITY, name) pair means one mailbox for ever, and an id
 * has one UIDVALIDITY for ever (RFC 9051, 2.3.1.1; RFC 8474). In the end all sessions list the same, and a recount finds nothing wrong.
 */
import assert from 'node:assert/strict';
import { problemsOf } from '../../src/mailbox/testing.ts';
import { password, type ImapWorld } from '../interop/imap-world.ts';
import { dice, Mirror, type Answer } from './mirror.ts';

const names = ['a', 'a/b', 'a/b/c', 'a/d', 'e', 'e/f', 'g'];

/** What has been seen of identities, by all sessions. */
interface Seen {
  readonly validityOf: Map<string, string>;
  readonly idOf: Map<string, string>;
}

export async function treeStorm(
  world: ImapWorld,
  { steps, seed }: { steps: number; seed: number },
): Promise<void> {
  const alice = world.accounts.get('alice')!;
  const seen: Seen = { validityOf: new Map(), idOf: new Map() };
  const sessions = await Promise.all([0, 1, 2, 3].map((i) => open(world, `t${i}x`)));
  await Promise.all(
    sessions.map(async (session, i) => {
      const roll = dice(seed * 10 + i);
      for (let step = 0; step < steps; step++) await act(session, roll, seen);
    }),
  );
  const lists = await Promise.all(sessions.map(async (session) => listed(await session.ok('LIST "" *'))));
  for (const list of lists) assert.deepEqual(list, lists[0]);
  for (const session of sessions) session.end();
  assert.deepEqual(await problemsOf(world.store, alice), []);
}

async function open(world: ImapWorld, name: string): Promise<Mirror> {
  const session = new Mirror(world.connect(), name);
  await session.ok(`LOGIN alice@here.test "${password}"`);
  return session;
}

async function act(session: Mirror, roll: (sides: number) => number, seen: Seen): Promise<void> {
  const name = names[roll(names.length)]!;
  switch (roll(9)) {
    case 0:
    case 1:
      return void (await said(session, `CREATE ${name}`));
    case 2:
      return void (await said(session, `DELETE ${name}`));
    case 3:
      return void (await said(session, `RENAME ${name} ${names[roll(names.length)]!}`));
    case 4:
      return void (await said(session, `${roll(2) === 0 ? 'SUBSCRIBE' : 'UNSUBSCRIBE'} ${name}`));
    case 5:
      return void (await said(session, `APPEND ${name} {10+}\r\nA: b\r\n\r\nxx`));
    case 6:
      return checkList(await session.ok('LIST "" *'), session);
    case 7:
      return checkStatus(await said(session, `STATUS ${name} (MESSAGES UIDVALIDITY MAILBOXID)`), name, seen);
    default:
      return void (await said(session, `STATUS ${name} (MESSAGES UNSEEN)`));
  }
}

async function said(session: Mirror, command: string): Promise<Answer> {
  const answer = await session.send(command);
  assert.notEqual(answer.status, 'BAD', `${command}: ${answer.text}\n${session.history()}`);
  assert.doesNotMatch(answer.text, /SERVERBUG/, `${command}: ${answer.text}`);
  return answer;
}

const listed = ({ lines }: Answer): string[] =>
  lines.flatMap((line) => /^\* LIST \([^)]*\) "\/" "?([^"]+)"?$/.exec(line)?.[1] ?? []).sort();

function checkList(answer: Answer, session: Mirror): void {
  const list = listed(answer);
  const known = new Set(list);
  assert.equal(known.size, list.length, `a name twice\n${session.history()}`);
  for (const name of list) {
    const above = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    assert(above === '' || known.has(above), `${name} without ${above}\n${session.history()}`);
  }
}

function checkStatus({ lines }: Answer, name: string, { validityOf, idOf }: Seen): void {
  const found = /UIDVALIDITY (\d+) MAILBOXID \((\w+)\)/.exec(lines.join('\n'));
  if (found === null) return;
  const [, validity, id] = found;
  assert.equal(validityOf.get(id!) ?? validity, validity, `${id} has another UIDVALIDITY`);
  validityOf.set(id!, validity!);
  const pair = `${name} ${validity}`;
  assert.equal(idOf.get(pair) ?? id, id, `${pair} is another mailbox`);
  idOf.set(pair, id!);
}
