/** What owners say about their mail is noted with the change that says it, once for each mail; filters say nothing. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MailboxId } from '../../base/ids.ts';
import type { Store } from '../../store/store.ts';
import { answered, seen } from '../flags.ts';
import { closeVotes, openVotes, voteForMailbox } from '../junk-votes.ts';
import type { Mailboxes } from '../mailboxes.ts';
import { numberOfMailbox } from '../ids.ts';
import { alice, mailboxesOf, simple } from '../testing.ts';
import type { Engine } from './engine.ts';

export function junkVotesContract(engine: Engine): void {
  const on = (name: string, body: (world: World) => Promise<void>): void => {
    test(name, async () => {
      await using store = await engine.open();
      using mailboxes = mailboxesOf(store);
      await body(await worldOf(store, mailboxes));
    });
  };

  describe('junk votes', () => {
    on(
      'a move into Junk says junk, one out of it wanted, into Trash nothing; the last word counts',
      async (w) => {
        await w.mailboxes.move(alice, w.box('INBOX'), [1, 2, 3], w.box('Junk'));
        assert.deepEqual(await w.votes(), ['1 junk', '2 junk', '3 junk']);
        await w.mailboxes.move(alice, w.box('Junk'), [1], w.box('INBOX'));
        await w.mailboxes.move(alice, w.box('Junk'), [2], w.box('Trash'));
        assert.deepEqual(await w.votes(), ['1 wanted', '2 junk', '3 junk']);
      },
    );

    on(
      'a copy into Junk says it too; mail that is filed or answered is wanted; other moves say nothing',
      async (w) => {
        await w.mailboxes.copy(alice, w.box('INBOX'), [1], w.box('Junk'));
        await w.mailboxes.copy(alice, w.box('INBOX'), [2], w.box('Archive'));
        await w.mailboxes.move(alice, w.box('INBOX'), [3], w.box('Trash'));
        assert.deepEqual(await w.votes(), ['1 junk']);
        await w.mailboxes.move(alice, w.box('INBOX'), [4], w.box('Archive'));
        await w.flag(5, answered);
        await w.flag(5, seen);
        assert.deepEqual(await w.votes(), ['1 junk', '4 wanted', '5 wanted']);
      },
    );

    on('$Junk and $NotJunk say it as moves do, and taking them away takes it back', async (w) => {
      await w.flag(1, 0, '$junk');
      await w.flag(2, 0, '$NotJunk');
      await w.flag(3, 0, 'Later');
      assert.deepEqual(await w.votes(), ['1 junk', '2 wanted']);
      await w.flag(1, 0, '$NotJunk');
      await w.mailboxes.storeFlags(alice, w.box('INBOX'), [2], {
        how: 'replace',
        flags: { system: 0, keywords: [] },
      });
      assert.deepEqual(await w.votes(), ['1 wanted', '2 nothing']);
    });

    on('what a filter does says nothing', async (w) => {
      await w.mailboxes.move(alice, w.box('INBOX'), [1], w.box('Junk'), { byFilter: true });
      await w.mailboxes.storeFlags(alice, w.box('INBOX'), [2], {
        how: 'add',
        flags: { system: 0, keywords: ['$Junk'] },
        byFilter: true,
      });
      assert.deepEqual(await w.votes(), []);
    });

    on(
      'a vote that was said again while it was learned stays open; one whose mail is gone has no body',
      async (w) => {
        await w.mailboxes.move(alice, w.box('INBOX'), [1, 2], w.box('Junk'));
        const open = await w.store.scan(openVotes, 10);
        assert.ok(open.every(({ body }) => body?.is === 'inline'));
        await w.mailboxes.move(alice, w.box('Junk'), [1], w.box('INBOX'));
        await w.mailboxes.expunge(alice, w.box('Junk'), [2], true);
        await w.store.write(closeVotes, open.slice(0, 1));
        assert.deepEqual(await w.votes(), ['1 wanted', '2 junk']);
        assert.equal((await w.store.scan(openVotes, 10))[1]!.body, undefined);
        await w.store.write(closeVotes, await w.store.scan(openVotes, 10));
        assert.deepEqual(await w.votes(), []);
      },
    );

    on('a whole mailbox can be called junk or wanted, the newest first', async (w) => {
      const args = {
        account: alice,
        mailbox: numberOfMailbox(w.box('INBOX')),
        says: 'wanted',
        limit: 2,
      } as const;
      assert.equal(await w.store.write(voteForMailbox, args), 2);
      assert.deepEqual(await w.votes(), ['4 wanted', '5 wanted']);
    });
  });
}

interface World {
  readonly store: Store;
  readonly mailboxes: Mailboxes;
  box(name: string): MailboxId;
  flag(uid: number, system: number, ...keywords: string[]): Promise<unknown>;
  votes(): Promise<string[]>;
}

async function worldOf(store: Store, mailboxes: Mailboxes): Promise<World> {
  const all = await mailboxes.list(alice);
  const box = (name: string): MailboxId => all.find((each) => each.name === name)!.id;
  await mailboxes.append(
    alice,
    box('INBOX'),
    Array.from({ length: 5 }, (_, i) => simple(`m${i}`)),
  );
  return {
    store,
    mailboxes,
    box,
    flag: (uid, system, ...keywords) =>
      mailboxes.storeFlags(alice, box('INBOX'), [uid], { how: 'add', flags: { system, keywords } }),
    votes: async () => (await store.scan(openVotes, 100)).map(({ email, says }) => `${email} ${says}`),
  };
}
