/** What an account has chosen for POP3: which mailbox, how far back, ids of old, and when what was retrieved goes. */
import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import { tidyMailboxes } from '../mailbox/care.ts';
import { alice, mailboxesOf, message, openMailStore, problemsOf } from '../mailbox/testing.ts';
import type { Store } from '../store/store.ts';
import { Refusal } from '../base/refusal.ts';
import { testServer, type TestServerOptions } from './testing.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 10, 24);
const clock: Clock = { ...systemClock, nowMs: () => nowMs };

interface Lab {
  readonly mailboxes: Mailboxes;
  readonly store: Store;
  readonly connect: () => Duplex;
}

/** INBOX has messages of 1, 5 and 20 days. */
function on(
  name: string,
  body: (lab: Lab) => Promise<void>,
  how: Omit<TestServerOptions, 'mailboxes'> = {},
): void {
  test(name, async () => {
    await using store = await openMailStore();
    using mailboxes = mailboxesOf(store);
    const inbox = (await mailboxes.find(alice, 'INBOX'))!;
    const mails = [20, 5, 1].map((days) =>
      message(`Subject: ${days} days\n\nx\n`, { receivedAtMs: nowMs - days * dayMs }),
    );
    await mailboxes.append(alice, inbox.id, mails);
    const { server, connect } = testServer({ mailboxes, clock, ...how });
    const clients: Duplex[] = [];
    const connected = (): Duplex => {
      const client = connect();
      clients.push(client);
      return client;
    };
    await body({ mailboxes, store, connect: connected });
    for (const client of clients) client.end().resume();
    await server.stop();
    assert.deepEqual(await problemsOf(store), []);
  });
}

const login = '\nS: +OK ...\nC: USER alice\nS: +OK ...\nC: PASS secret\nS: +OK ...';

on('ids of the server that the mail came from are kept, and no two messages have one', async (lab) => {
  const { mailboxes, store, connect } = lab;
  const inbox = (await mailboxes.find(alice, 'INBOX'))!;
  await mailboxes.access.setPop3Uidls(alice, inbox.id, [
    [1, '0000000a4b5c'],
    [3, 'old~id'],
  ]);
  await converse(
    connect(),
    `${login}
    C: UIDL
    S: +OK ...
    S: 1 0000000a4b5c
    S: 2 ${inbox.uidValidity}.2
    S: 3 old~id
    S: .
    C: UIDL 3
    S: +OK 3 old~id
    C: DELE 3
    S: +OK ...
    C: QUIT
    S: +OK ...
    `,
  );
  const refused = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason;
  const set = (uid: number, uidl: string): Promise<void> =>
    mailboxes.access.setPop3Uidls(alice, inbox.id, [[uid, uidl]]);
  await assert.rejects(set(2, '0000000a4b5c'), refused('conflict'));
  await assert.rejects(set(2, `${inbox.uidValidity}.9`), refused('conflict'));
  await assert.rejects(set(2, 'with blank'), refused('invalid'));
  await assert.rejects(set(2, 'x'.repeat(71)), refused('invalid'));
  await set(1, 'another');
  assert.equal((await mailboxes.access.pop3Uidls(alice, inbox.id)).size, 2);
  await tidyMailboxes(store, nowMs);
  assert.deepEqual([...(await mailboxes.access.pop3Uidls(alice, inbox.id))], [[1, 'another']]);
});

on('an account may show another mailbox, and only the last days of it', async ({ mailboxes, connect }) => {
  await mailboxes.access.setSetting(alice, 'pop3.days', '6');
  await converse(
    connect(),
    `${login}\nC: STAT\nS: +OK 2 ...\nC: TOP 1 0\nS: +OK ...\nS: Subject: 5 days\nS:\nS: .`,
  );
  const work = await mailboxes.create(alice, 'Work');
  await mailboxes.append(alice, work.id, [message('Subject: work\n\nx\n', { receivedAtMs: nowMs })]);
  await mailboxes.access.setSetting(alice, 'pop3.mailbox', 'Work');
  await converse(connect(), `${login}\nC: STAT\nS: +OK 1 ...\nC: DELE 1\nS: +OK ...\nC: QUIT\nS: +OK ...`);
  assert.equal((await mailboxes.get(alice, work.id))!.total, 0);
  assert.equal((await mailboxes.find(alice, 'INBOX'))!.total, 3);
  // A mailbox that is gone is no reason to be shown nothing.
  await mailboxes.delete(alice, 'Work');
  await converse(connect(), `${login}\nC: STAT\nS: +OK 2 ...`);
});

on(
  'what was retrieved goes when it is old enough, and CAPA says when',
  async ({ mailboxes, connect }) => {
    await mailboxes.access.setSetting(alice, 'pop3.expire', '10');
    await converse(
      connect(),
      `
      S: +OK ...
      C: CAPA
      S* EXPIRE 0 USER
      S* .
      C: USER alice
      S: +OK ...
      C: PASS secret
      S: +OK ...
      C: CAPA
      S* EXPIRE 10
      S* .
      C: RETR 1
      S* .
      C: RETR 2
      S* .
      C: TOP 3 0
      S* .
      C: QUIT
      S: +OK ...
      `,
    );
    const inbox = (await mailboxes.find(alice, 'INBOX'))!;
    assert.deepEqual([inbox.total, inbox.unseen], [2, 1]);
    await mailboxes.access.setSetting(alice, 'pop3.expire', '0');
    await converse(connect(), `${login}\nC: RETR 2\nS* .\nC: QUIT\nS: +OK ...`);
    assert.equal((await mailboxes.find(alice, 'INBOX'))!.total, 1);
  },
  { options: { accountsExpire: true } },
);

on('nothing expires where the server does not have it so', async ({ mailboxes, connect }) => {
  await mailboxes.access.setSetting(alice, 'pop3.expire', '0');
  await converse(connect(), `${login}\nC: CAPA\nS* EXPIRE NEVER\nS* .\nC: RETR 1\nS* .\nC: QUIT\nS: +OK ...`);
  const inbox = (await mailboxes.find(alice, 'INBOX'))!;
  assert.deepEqual([inbox.total, inbox.unseen], [3, 3]);
});

let elapsedMs = 0;
on(
  'an account waits between two logins where the server wants it to',
  async ({ connect }) => {
    await converse(connect(), `${login}\nC: CAPA\nS* LOGIN-DELAY 60\nS* .\nC: QUIT\nS: +OK ...`);
    const again = connect();
    await converse(
      again,
      '\nS: +OK ...\nC: USER alice\nS: +OK ...\nC: PASS secret\nS: -ERR [LOGIN-DELAY] ...',
    );
    elapsedMs = 61_000;
    await converse(again, '\nC: USER alice\nS: +OK ...\nC: PASS secret\nS: +OK ...');
  },
  {
    options: { loginDelaySeconds: 60 },
    clock: { ...clock, monotonicMs: () => elapsedMs },
  },
);
