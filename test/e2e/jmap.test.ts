/** One mailbox by two protocols, in the whole program with its threads: what one changes the other shows in its next answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImapClient } from '../interop/imap-client.ts';
import { password, RunningServer } from '../running-server.ts';

const user = 'reader@here.test';
const using = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'];

// The test knows what it asked for.
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

async function jmapClient(port: number): Promise<(name: string, args?: object) => Promise<Any>> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const base = `http://127.0.0.1:${port}`;
  const session = (await (
    await fetch(`${base}/.well-known/jmap`, { headers: { authorization } })
  ).json()) as Any;
  const accountId = session.primaryAccounts[using[1]!];
  return async (name, args = {}) => {
    const response = await fetch(session.apiUrl, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ using, methodCalls: [[name, { accountId, ...args }, 'c']] }),
    });
    const { methodResponses } = (await response.json()) as Any;
    return methodResponses[0][1];
  };
}

/** Uids and flags as FETCH tells them. */
async function flagsIn(imap: ImapClient, mailbox: string): Promise<Record<string, string[]>> {
  assert.match((await imap.say(`SELECT "${mailbox}"`)).status, /^OK/);
  const { untagged } = await imap.say('UID FETCH 1:* (FLAGS)');
  return Object.fromEntries(
    untagged
      .filter(([, word]) => word === 'FETCH')
      .map(([, , items]) => {
        const list = items as readonly Any[];
        const of = (name: string): Any => list[list.indexOf(name) + 1];
        return [
          of('UID'),
          of('FLAGS')
            .filter((flag: string) => flag !== '\\Recent')
            .toSorted(),
        ];
      }),
  );
}

test('IMAP and JMAP agree at every step', async () => {
  await using server = await RunningServer.start({
    listeners: { imap: {}, http: {} },
    settings: { imap: { plainTextLogin: true } },
    accounts: [user],
  });
  const jmap = await jmapClient(server.port('http'));
  using imap = await ImapClient.open(server.port('imap'), user, password);
  const boxes = (await jmap('Mailbox/get')).list as { id: string; name: string; role: string }[];
  const idOf = (role: string): string => boxes.find((box) => box.role === role)!.id;
  const since = (await jmap('Email/get', { ids: [] })).state as string;

  // Written by JMAP, read by IMAP.
  const made = await jmap('Email/set', {
    create: {
      a: {
        mailboxIds: { [idOf('inbox')]: true, [idOf('archive')]: true },
        keywords: { $flagged: true, work: true },
        subject: 'Both',
      },
    },
  });
  const { id } = made.created.a;
  assert.deepEqual(await flagsIn(imap, 'INBOX'), { 1: ['\\Flagged', 'work'] });
  assert.deepEqual(await flagsIn(imap, 'Archive'), { 1: ['\\Flagged', 'work'] });
  const { untagged } = await imap.say('UID FETCH 1 (EMAILID)');
  assert.ok(JSON.stringify(untagged).includes(id));
  await jmap('Email/set', {
    update: { [id]: { 'keywords/$seen': true, [`mailboxIds/${idOf('archive')}`]: null } },
  });
  assert.deepEqual(await flagsIn(imap, 'Archive'), {});
  assert.deepEqual(await flagsIn(imap, 'INBOX'), { 1: ['\\Flagged', '\\Seen', 'work'] });

  // Written by IMAP, read by JMAP.
  await imap.say('UID STORE 1 -FLAGS (\\Flagged)');
  await imap.say('UID STORE 1 +FLAGS (later)');
  const keywords = async (): Promise<object> =>
    (await jmap('Email/get', { ids: [id], properties: ['keywords'] })).list[0].keywords;
  assert.deepEqual(await keywords(), { $seen: true, work: true, later: true });
  await imap.say('UID MOVE 1 Trash');
  assert.deepEqual((await jmap('Email/query', { filter: { inMailbox: idOf('trash') } })).ids, [id]);
  const appended = await imap.say('APPEND INBOX ', Buffer.from('Subject: appended\r\n\r\nby IMAP\r\n'));
  assert.match(appended.status, /^OK/);
  const [second] = (await jmap('Email/query', { filter: { body: 'by IMAP' } })).ids;
  const changes = await jmap('Email/changes', { sinceState: since });
  assert.deepEqual(changes.created.toSorted(), [id, second].toSorted());

  // Mailboxes, and what they count.
  await imap.say('CREATE "Projekt/Neu"');
  const created = (await jmap('Mailbox/get')).list as { id: string; name: string; parentId: string | null }[];
  const child = created.find(({ name }) => name === 'Neu')!;
  assert.equal(created.find(({ name }) => name === 'Projekt')!.id, child.parentId);
  await jmap('Mailbox/set', { update: { [child.id]: { name: '新しい' } } });
  assert.match((await imap.say('STATUS "Projekt/&ZbAwVzBE-" (MESSAGES)')).status, /^OK/);
  const inbox = (await jmap('Mailbox/get', { ids: [idOf('inbox')] })).list[0];
  assert.deepEqual([inbox.totalEmails, inbox.unreadEmails, inbox.unreadThreads], [1, 1, 1]);

  // What IMAP has marked as deleted is gone for JMAP before it is expunged.
  await imap.say('SELECT INBOX');
  await imap.say('STORE 1 +FLAGS (\\Deleted)');
  assert.deepEqual((await jmap('Email/get', { ids: [second] })).notFound, [second]);
  await imap.say('STORE 1 -FLAGS (\\Deleted)');
  assert.equal((await jmap('Email/get', { ids: [second] })).list.length, 1);
  await jmap('Email/set', { destroy: [second] });
  assert.deepEqual(await flagsIn(imap, 'INBOX'), {});
});
