/** CONDSTORE and QRESYNC (RFC 7162). */
import { suite, test } from 'node:test';
import type { AccountId } from '../base/ids.ts';
import { converse } from '../../test/converse.ts';
import { openImapWorld, type ImapWorld } from '../../test/interop/imap-world.ts';
import { simple } from '../mailbox/testing.ts';
import { operation } from '../store/operation.ts';
import { openTestStore } from '../store/testing.ts';
import { rows, type Transaction } from '../store/transaction.ts';

/** Alice with five messages in INBOX. Gives the UIDVALIDITY and HIGHESTMODSEQ. */
async function filled(world: ImapWorld): Promise<{ uidValidity: number; modseq: number }> {
  const account = world.accounts.get('alice')!;
  const [inbox] = await world.mailboxes.list(account);
  const messages = Array.from({ length: 5 }, (_, i) => simple(`m${i + 1}`));
  const { uidValidity, modseq } = await world.mailboxes.append(account, inbox!.id, messages);
  return { uidValidity, modseq };
}

/** As if the log had been trimmed just now. */
const forgetLog = operation('test.forgetLog', function* (account: AccountId): Transaction<void> {
  yield* rows('delete from change where account = ?', account);
  yield* rows('update account_store set change_floor = version where account = ?', account);
});

suite('CONDSTORE and QRESYNC', { concurrency: true }, () => {
  test('once CONDSTORE is on, every FETCH that tells flags tells the modseq too, also after a silent STORE', async () => {
    await using world = await openImapWorld();
    const { modseq } = await filled(world);
    await converse(
      await world.sessions('alice', '1', '2'),
      `
      1C: a SELECT INBOX (CONDSTORE)
      1S* * OK [HIGHESTMODSEQ ${modseq}] ...
      1S* a OK ...
      1C: b STORE 1 +FLAGS.SILENT (\\Seen)
      1S: * 1 FETCH (MODSEQ (${modseq + 1}))
      1S: b OK STORE completed
      1C: c FETCH 1:2 FLAGS
      1S: * 1 FETCH (FLAGS (\\Seen \\Recent) MODSEQ (${modseq + 1}))
      1S: * 2 FETCH (FLAGS (\\Recent) MODSEQ (${modseq}))
      1S: c OK FETCH completed
      1C: d FETCH 1:* (UID) (CHANGEDSINCE ${modseq})
      1S: * 1 FETCH (UID 1 MODSEQ (${modseq + 1}))
      1S: d OK FETCH completed
      1C: e UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0)
      1S* * 5 FETCH (UID 5 FLAGS (\\Recent) MODSEQ (${modseq}))
      1S: e OK UID FETCH completed
      1C: f STORE 1:2 (UNCHANGEDSINCE ${modseq}) +FLAGS (\\Flagged)
      1S: * 2 FETCH (FLAGS (\\Flagged \\Recent) MODSEQ (${modseq + 2}))
      1S: f OK [MODIFIED 1] Some messages had changed
      1C: g SEARCH MODSEQ ${modseq + 1}
      1S: * SEARCH 1 2 (MODSEQ ${modseq + 2})
      1S: g OK SEARCH completed
      1C: h FETCH 3 BODY[HEADER.FIELDS (X)]
      1S: * 3 FETCH (FLAGS (\\Seen \\Recent) MODSEQ (${modseq + 3}) BODY[HEADER.FIELDS (X)] {2}
      1S:
      1S: )
      1S: h OK FETCH completed
      2C: a SELECT INBOX
      2S* a OK ...
      2C: b FETCH 1 MODSEQ
      2S: * OK [HIGHESTMODSEQ ${modseq + 3}] CONDSTORE is on
      2S: * 1 FETCH (MODSEQ (${modseq + 1}))
      2S: b OK FETCH completed
      `,
    );
  });

  test('HIGHESTMODSEQ and UIDVALIDITY are never 0, also of an empty mailbox', async () => {
    await using world = await openImapWorld();
    await converse(
      await world.sessions('alice', '1').then((clients) => clients['1']!),
      `
      C: a STATUS INBOX (HIGHESTMODSEQ UIDVALIDITY UIDNEXT)
      S: * STATUS INBOX (HIGHESTMODSEQ 1 UIDVALIDITY ...
      S: a OK STATUS completed
      `,
    );
  });

  test('QRESYNC tells what vanished and what changed since the client was last here', async () => {
    await using world = await openImapWorld();
    const { uidValidity, modseq } = await filled(world);
    await converse(
      await world.sessions('alice', '1', '2'),
      `
      1C: a SELECT INBOX (QRESYNC (${uidValidity} ${modseq}))
      1S: a BAD QRESYNC must be enabled first
      1C: b ENABLE QRESYNC
      1S: * ENABLED QRESYNC
      1S: b OK ENABLE completed
      2C: a SELECT INBOX
      2S* a OK ...
      2C: b STORE 2,4 +FLAGS.SILENT (\\Deleted)
      2S: b OK STORE completed
      2C: c EXPUNGE
      2S: * 4 EXPUNGE
      2S: * 2 EXPUNGE
      2S: * 3 RECENT
      2S: c OK EXPUNGE completed
      2C: d STORE 1 FLAGS (\\Answered)
      2S: * 1 FETCH (FLAGS (\\Answered \\Recent))
      2S: d OK STORE completed
      1C: c SELECT INBOX (QRESYNC (${uidValidity} ${modseq} 1:5))
      1S* * OK [MAILBOXID ...
      1S: * VANISHED (EARLIER) 2,4
      1S: * 1 FETCH (UID 1 FLAGS (\\Answered) MODSEQ (...))
      1S: c OK [READ-WRITE] Selected
      1C: d UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${modseq} VANISHED)
      1S: * VANISHED (EARLIER) 2,4
      1S: * 1 FETCH (UID 1 FLAGS (\\Answered) MODSEQ (...))
      1S: d OK UID FETCH completed
      2C: e STORE 3 +FLAGS.SILENT (\\Deleted)
      2S: e OK STORE completed
      2C: f EXPUNGE
      2S: * 3 EXPUNGE
      2S: * 2 RECENT
      2S: f OK EXPUNGE completed
      1C: e NOOP
      1S: * VANISHED 5
      1S: e OK NOOP completed
      1C: f SELECT INBOX (QRESYNC (1 1))
      1S: * OK [CLOSED] Previous mailbox closed
      1S* f OK [READ-WRITE] Selected
      `,
    );
  });

  test('who comes back from before the log began is told all uids that are not there, within those it names', async () => {
    await using world = await openImapWorld({
      openStore: ({ migrations, operations }) =>
        openTestStore({ migrations, operations: [...operations, forgetLog] }),
    });
    const { uidValidity, modseq } = await filled(world);
    const alice = world.accounts.get('alice')!;
    const [inbox] = await world.mailboxes.list(alice);
    await world.mailboxes.expunge(alice, inbox!.id, [1, 3, 5], true);
    await world.store.write(forgetLog, alice);
    await converse(
      await world.sessions('alice', '1'),
      `
      1C: a ENABLE QRESYNC
      1S* a OK ...
      1C: b SELECT INBOX (QRESYNC (${uidValidity} ${modseq}))
      1S* * VANISHED (EARLIER) 1,3,5
      1S: b OK ...
      1C: c SELECT INBOX (QRESYNC (${uidValidity} ${modseq} 2:4))
      1S* * VANISHED (EARLIER) 3
      1S: c OK ...
      1C: d UID FETCH 4:9 (FLAGS) (CHANGEDSINCE ${modseq} VANISHED)
      1S: * VANISHED (EARLIER) 5
      1S: d OK ...
      `,
    );
  });
});
