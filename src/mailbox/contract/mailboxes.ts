/** What every engine keeps of mailboxes and their messages. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Refusal } from '../../base/refusal.ts';
import { deleted, flagged, noFlags, seen } from '../flags.ts';
import { createAccountStore, raiseGeneration, recount, setQuota, setRole } from '../operations.ts';
import { mailboxNumber } from '../ids.ts';
import type { Mailboxes } from '../mailboxes.ts';
import { changesKept } from '../rules/upkeep.ts';
import { trimChanges } from '../operations.ts';
import { alice, bob, mailboxesOf, message, problemsOf, simple } from '../testing.ts';
import type { Engine } from './engine.ts';
import { rows } from '../../store/transaction.ts';
import type { Store } from '../../store/store.ts';
import { operation, type AnyOperation } from '../../store/operation.ts';

const refused = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason;

const leap = operation('test.leap', function* (by: number) {
  yield* rows('update account_store set version = version + ?', by);
});
const spoil = operation('test.spoil', function* () {
  yield* rows('update mailbox set total = total + 1, unseen = 9');
  yield* rows('update account_store set used = 1');
});

type Body = (mailboxes: Mailboxes, store: Store) => Promise<void>;

/** Operations of the tests themselves. */
export const contractOperations: readonly AnyOperation[] = [leap, spoil];

const inboxOf = async (mailboxes: Mailboxes) => (await mailboxes.find(alice, 'INBOX'))!;
const names = async (mailboxes: Mailboxes) => (await mailboxes.list(alice)).map((each) => each.name);

/** A mail of a thread. */
const mail = (id: string, subject: string, refers = '') =>
  message(
    `Subject: ${subject}\nMessage-ID: <${id}@x.test>\n${refers === '' ? '' : `References: ${refers}\n`}\nx\n`,
  );

export function mailboxesContract(engine: Engine): void {
  function on(name: string, body: Body): void {
    test(name, async () => {
      await using store = await engine.open();
      using mailboxes = mailboxesOf(store);
      await body(mailboxes, store);
      assert.deepEqual(await problemsOf(store), []);
    });
  }

  describe('the tree of mailboxes', () => {
    on('an account starts with INBOX and the usual roles, subscribed', async (mailboxes) => {
      const list = await mailboxes.list(alice);
      assert.deepEqual(
        list.map(({ name, role }) => [name, role]),
        [
          ['INBOX', 'inbox'],
          ['Archive', 'archive'],
          ['Drafts', 'drafts'],
          ['Junk', 'junk'],
          ['Sent', 'sent'],
          ['Trash', 'trash'],
        ],
      );
      assert.ok(list.every((each) => each.subscribed && each.modseq >= 1 && each.uidValidity >= 1));
      assert.equal(new Set(list.map((each) => each.uidValidity)).size, list.length);
    });

    on('creating makes superior levels, and refuses what exists', async (mailboxes) => {
      await mailboxes.create(alice, 'Work/2026/May');
      assert.deepEqual(
        (await names(mailboxes)).filter((name) => name.startsWith('Work')),
        ['Work', 'Work/2026', 'Work/2026/May'],
      );
      await assert.rejects(mailboxes.create(alice, 'Work/2026'), refused('mailboxExists'));
      await assert.rejects(mailboxes.create(alice, 'inbox'), refused('mailboxExists'));
      await mailboxes.create(alice, 'Work/2027/');
      assert.ok(await mailboxes.find(alice, 'Work/2027'));
    });

    on('a name is found in any normalisation', async (mailboxes) => {
      await mailboxes.create(alice, 'か\u3099ぞう');
      assert.ok(await mailboxes.find(alice, 'がぞう'));
      await assert.rejects(mailboxes.create(alice, 'がぞう'), refused('mailboxExists'));
    });

    on('a mailbox that is made again under its name has a new UIDVALIDITY and id', async (mailboxes) => {
      const first = await mailboxes.create(alice, 'A');
      await mailboxes.delete(alice, 'A');
      const second = await mailboxes.create(alice, 'A');
      assert.ok(second.uidValidity > first.uidValidity);
      assert.notEqual(second.id, first.id);
    });

    on(
      'deleting takes the mail along, but not copies elsewhere; INBOX and superiors stay',
      async (mailboxes) => {
        const a = await mailboxes.create(alice, 'A');
        await mailboxes.create(alice, 'A/B');
        await assert.rejects(mailboxes.delete(alice, 'A'), refused('conflict'));
        await assert.rejects(mailboxes.delete(alice, 'InBox'), refused('notAllowed'));
        await assert.rejects(mailboxes.delete(alice, 'None'), refused('mailboxNotFound'));
        await mailboxes.delete(alice, 'A/B');
        await mailboxes.append(
          alice,
          a.id,
          Array.from({ length: 3 }, (_, i) => simple(`${i}`)),
        );
        const inbox = await inboxOf(mailboxes);
        await mailboxes.copy(alice, a.id, [2], inbox.id);
        using session = await mailboxes.open(alice, a.id);
        await mailboxes.delete(alice, 'A');
        assert.ok(session.gone);
        const { emails } = await mailboxes.quota(alice);
        assert.equal(emails, 1);
        await assert.rejects(mailboxes.open(alice, a.id), refused('mailboxNotFound'));
      },
    );

    on('renaming takes inferiors along and keeps uids and UIDVALIDITY', async (mailboxes) => {
      const a = await mailboxes.create(alice, 'A');
      await mailboxes.create(alice, 'A/B/C');
      await mailboxes.create(alice, 'AB');
      await mailboxes.append(alice, a.id, [simple('x')]);
      await mailboxes.rename(alice, 'A', 'X/Y');
      assert.deepEqual(
        (await names(mailboxes)).filter((name) => /^[AX]\b|^AB/.test(name)),
        ['AB', 'X', 'X/Y', 'X/Y/B', 'X/Y/B/C'],
      );
      const moved = (await mailboxes.find(alice, 'X/Y'))!;
      assert.deepEqual([moved.id, moved.uidValidity, moved.total], [a.id, a.uidValidity, 1]);
      await assert.rejects(mailboxes.rename(alice, 'X', 'X/Z'), refused('mailboxNameInvalid'));
      await assert.rejects(mailboxes.rename(alice, 'X', 'AB'), refused('mailboxExists'));
      await assert.rejects(mailboxes.rename(alice, 'None', 'N'), refused('mailboxNotFound'));
      await assert.rejects(
        mailboxes.rename(alice, 'X', 'd/'.repeat(18) + 'd'),
        refused('mailboxNameInvalid'),
      );
      assert.ok(await mailboxes.find(alice, 'X/Y/B/C'), 'a rename that fails changes nothing');
    });

    on('renaming INBOX moves its mail and keeps it', async (mailboxes) => {
      const inbox = await inboxOf(mailboxes);
      await mailboxes.append(alice, inbox.id, [simple('a'), simple('b')]);
      await mailboxes.rename(alice, 'inbox', 'Old');
      assert.equal((await mailboxes.find(alice, 'Old'))!.total, 2);
      assert.equal((await inboxOf(mailboxes)).total, 0);
      assert.equal((await inboxOf(mailboxes)).uidNext, 3);
    });

    on('a subscription outlives its mailbox and waits for it', async (mailboxes) => {
      await mailboxes.create(alice, 'A');
      await mailboxes.subscribe(alice, 'A', true);
      await mailboxes.delete(alice, 'A');
      assert.ok((await mailboxes.subscriptions(alice)).includes('A'));
      assert.ok((await mailboxes.create(alice, 'A')).subscribed);
      await mailboxes.subscribe(alice, 'A', false);
      await mailboxes.subscribe(alice, 'Not/There', true);
      const subscribed = await mailboxes.subscriptions(alice);
      assert.ok(!subscribed.includes('A') && subscribed.includes('Not/There'));
      await mailboxes.subscribe(alice, 'Not/There', false);
      assert.ok(!(await mailboxes.subscriptions(alice)).includes('Not/There'));
    });

    on('a subscription stays with its name when a mailbox is renamed', async (mailboxes) => {
      for (const name of ['A', 'A/B']) await mailboxes.create(alice, name, { subscribed: true });
      await mailboxes.subscribe(alice, 'X/B', true);
      await mailboxes.rename(alice, 'A', 'X');
      const subscribed = await mailboxes.subscriptions(alice);
      assert.deepEqual(subscribed.slice(0, 2).concat(subscribed.at(-1)!), ['INBOX', 'A', 'X/B']);
    });

    on('a role belongs to one mailbox', async (mailboxes, store) => {
      await assert.rejects(mailboxes.create(alice, 'Sent 2', { role: 'sent' }), refused('conflict'));
      const sent = (await mailboxes.find(alice, 'Sent'))!;
      await store.write(setRole, { account: alice, mailbox: mailboxNumber(sent.id)!, role: '' });
      assert.equal((await mailboxes.create(alice, 'Sent 2', { role: 'sent' })).role, 'sent');
    });

    on('accounts do not see one another', async (mailboxes) => {
      await mailboxes.create(bob, 'Secret');
      assert.equal(await mailboxes.find(alice, 'Secret'), undefined);
      const inbox = await inboxOf(mailboxes);
      const { emails } = await mailboxes.append(bob, inbox.id, [simple('bob')]);
      assert.equal(await mailboxes.body(alice, emails[0]!), undefined);
      assert.equal((await mailboxes.details(alice, emails)).size, 0);
    });
  });

  describe('messages', () => {
    on('an append is all or none, and counts its quota once', async (mailboxes, store) => {
      const inbox = await inboxOf(mailboxes);
      const one = simple('x');
      await store.write(setQuota, { account: alice, quotaBytes: one.email.sizeBytes * 3, nowMs: 1 });
      await assert.rejects(mailboxes.append(alice, inbox.id, [one, one, one, one]), refused('mailboxFull'));
      const { uids } = await mailboxes.append(alice, inbox.id, [one, one, one]);
      assert.deepEqual(uids, [1, 2, 3]);
      await assert.rejects(mailboxes.checkRoom(alice, 1), refused('mailboxFull'));
      await mailboxes.copy(alice, inbox.id, [1, 2], (await mailboxes.find(alice, 'Archive'))!.id);
      assert.equal((await mailboxes.quota(alice)).usedBytes, one.email.sizeBytes * 3);
      await mailboxes.expunge(alice, inbox.id, [1, 3], true);
      assert.equal((await mailboxes.quota(alice)).usedBytes, one.email.sizeBytes * 2);
    });

    on('flags: add, remove, replace; nothing changes when nothing differs', async (mailboxes) => {
      const { id } = await inboxOf(mailboxes);
      await mailboxes.append(alice, id, [simple('a'), simple('b')]);
      const added = await mailboxes.storeFlags(alice, id, [1, 2, 9], {
        how: 'add',
        flags: { system: seen, keywords: ['$label1', 'Foo'] },
      });
      assert.deepEqual(added.changed, [1, 2]);
      const same = await mailboxes.storeFlags(alice, id, [1, 2], {
        how: 'add',
        flags: { system: seen, keywords: ['FOO'] },
      });
      assert.deepEqual([same.modseq, same.changed], [0, []]);
      await mailboxes.storeFlags(alice, id, [1], { how: 'remove', flags: { system: 0, keywords: ['foo'] } });
      await mailboxes.storeFlags(alice, id, [2], {
        how: 'replace',
        flags: { system: flagged, keywords: ['$forwarded'] },
      });
      using session = await mailboxes.open(alice, id);
      assert.deepEqual(session.view.flagsAt(0), { system: seen, keywords: ['$label1'] });
      assert.deepEqual(session.view.flagsAt(1), { system: flagged, keywords: ['$Forwarded'] });
      assert.deepEqual(session.view.keywords, ['$label1', 'Foo', '$Forwarded']);
      assert.equal(session.view.unseen, 1);
      await assert.rejects(
        mailboxes.storeFlags(alice, id, [1], { how: 'add', flags: { system: 0, keywords: ['a b'] } }),
        refused('invalid'),
      );
    });

    on('UNCHANGEDSINCE leaves newer messages alone and names them', async (mailboxes) => {
      const { id } = await inboxOf(mailboxes);
      const { modseq } = await mailboxes.append(alice, id, [simple('a'), simple('b'), simple('c')]);
      await mailboxes.storeFlags(alice, id, [2], { how: 'add', flags: { system: seen, keywords: [] } });
      const stored = await mailboxes.storeFlags(alice, id, [1, 2, 3], {
        how: 'add',
        flags: { system: flagged, keywords: [] },
        unchangedSince: modseq,
      });
      assert.deepEqual([stored.changed, stored.failed], [[1, 3], [2]]);
      const none = await mailboxes.storeFlags(alice, id, [1, 2, 3], {
        how: 'add',
        flags: { system: deleted, keywords: [] },
        unchangedSince: 0,
      });
      assert.deepEqual(none.failed, [1, 2, 3]);
    });

    on('moving within one mailbox gives new uids; sets of any size go through', async (mailboxes) => {
      const { id } = await inboxOf(mailboxes);
      const trash = (await mailboxes.find(alice, 'Trash'))!.id;
      const count = 1203;
      await mailboxes.append(
        alice,
        id,
        Array.from({ length: count }, () => message('Subject: x\n\ny\n')),
      );
      const uids = Array.from({ length: count }, (_, i) => i + 1);
      const same = await mailboxes.move(alice, id, [1, 2], id);
      assert.deepEqual(
        [same.from, same.to],
        [
          [1, 2],
          [count + 1, count + 2],
        ],
      );
      const moved = await mailboxes.move(alice, id, [...uids, count + 1, count + 2], trash);
      assert.equal(moved.to.length, count);
      assert.deepEqual(moved.to, uids);
      assert.equal((await inboxOf(mailboxes)).total, 0);
      const copied = await mailboxes.copy(alice, trash, uids, id);
      assert.equal(copied.from.length, count);
      await mailboxes.storeFlags(alice, trash, uids, {
        how: 'add',
        flags: { system: deleted, keywords: [] },
      });
      assert.equal((await mailboxes.get(alice, trash))!.deleted, count);
      assert.equal((await mailboxes.expunge(alice, trash)).length, count);
    });

    on('a copy or an append to a mailbox that is gone is refused', async (mailboxes) => {
      const { id } = await inboxOf(mailboxes);
      const gone = await mailboxes.create(alice, 'Gone');
      await mailboxes.delete(alice, 'Gone');
      await mailboxes.append(alice, id, [simple('a')]);
      await assert.rejects(mailboxes.copy(alice, id, [1], gone.id), refused('mailboxNotFound'));
      await assert.rejects(mailboxes.move(alice, id, [], gone.id), refused('mailboxNotFound'));
      await assert.rejects(mailboxes.append(alice, gone.id, [simple('a')]), refused('mailboxNotFound'));
      assert.equal((await inboxOf(mailboxes)).total, 1);
    });

    on('a large body lies in a file, and is read in ranges', async (mailboxes) => {
      const { id } = await inboxOf(mailboxes);
      const writer = mailboxes.bodyWriter();
      const text = Buffer.from(`Subject: big\r\n\r\n${'0123456789abcdef\r\n'.repeat(10_000)}`);
      await writer.write(text);
      const body = await writer.finish();
      assert.equal(body.is, 'file');
      const email = await mailboxes.prepare(body);
      const { emails } = await mailboxes.append(alice, id, [
        { flags: noFlags, receivedAtMs: 1, body, email },
      ]);
      const stored = (await mailboxes.body(alice, emails[0]!))!;
      assert.equal(Buffer.from(await mailboxes.read(stored, 16, 16)).toString(), '0123456789abcdef');
      const details = (await mailboxes.details(alice, emails)).get(emails[0]!)!;
      assert.equal(details.index.sizeBytes, text.length);
      assert.equal(details.index.envelope.subject, 'big');
    });

    on('recent messages are claimed once', async (mailboxes) => {
      const { id } = await inboxOf(mailboxes);
      await mailboxes.append(alice, id, [simple('a'), simple('b')]);
      assert.equal((await inboxOf(mailboxes)).recentFrom, 1);
      assert.equal(await mailboxes.claimRecent(alice, id), 1);
      assert.equal(await mailboxes.claimRecent(alice, id), 3);
      assert.equal((await inboxOf(mailboxes)).recentFrom, 3);
    });
  });

  describe('threads', () => {
    on('replies join by message id and base subject, also when they come first', async (mailboxes) => {
      const { id } = await inboxOf(mailboxes);
      await mailboxes.append(alice, id, [
        mail('reply', 'Re: Lunch', '<root@x.test>'),
        mail('root', 'Lunch'),
        mail('other', 'Dinner', '<root@x.test>'),
        mail('alone', 'Lunch'),
        mail('second', 'RE: lunch', '<unknown@x.test> <reply@x.test>'),
      ]);
      using session = await mailboxes.open(alice, id);
      const threads = Array.from({ length: 5 }, (_, at) => session.view.threadAt(at));
      assert.deepEqual(threads, [1, 1, 3, 4, 1]);
    });
  });

  describe('upkeep', () => {
    on('after a restore no number that a client may have seen is given again', async (mailboxes, store) => {
      const { id } = await inboxOf(mailboxes);
      const before = await mailboxes.append(alice, id, [simple('a')]);
      using session = await mailboxes.open(alice, id);
      const raise = (generation: number, lostMs: number): Promise<boolean> =>
        store.write(raiseGeneration, { account: alice, generation, lostMs });
      assert.equal(await raise(2, 0), true);
      assert.equal(await raise(2, 0), false);
      const after = await mailboxes.append(alice, id, [simple('b')]);
      assert.ok(after.uids[0]! > before.uids[0]! + 2 ** 16);
      assert.ok(after.modseq > before.modseq + 2 ** 20);
      assert.ok(after.emails[0]! > before.emails[0]! + 2 ** 20);
      assert.equal(await mailboxes.expungedSince(alice, id, before.modseq + 5), undefined);
      session.sync({ expunge: true });
      assert.equal(session.count, 2);
      const dayMs = 86_400_000;
      assert.equal(await raise(3, dayMs), true);
      const later = await mailboxes.append(alice, id, [simple('c')]);
      assert.ok(later.uids[0]! > after.uids[0]! + 64 * 86_400, 'a day of mail may have been seen');
      assert.ok(later.modseq > after.modseq + 2 ** 14 * 86_400);
      assert.ok(later.emails[0]! > after.emails[0]! + 64 * 86_400);
    });

    on(
      'after restores of the oldest backups numbers still fit 32 bits, and mail is found',
      async (mailboxes, store) => {
        const { id } = await inboxOf(mailboxes);
        const yearMs = 365 * 86_400_000;
        let last = (await mailboxes.append(alice, id, [simple('a')])).uids[0]!;
        for (const generation of [2, 3, 4]) {
          await store.write(raiseGeneration, { account: alice, generation, lostMs: 2 * yearMs });
          const { uids, emails } = await mailboxes.append(alice, id, [simple(`mail ${generation}`)]);
          assert.ok(uids[0]! > last && uids[0]! < 2 ** 32 && emails[0]! < 2 ** 32);
          last = uids[0]!;
          using session = await mailboxes.open(alice, id);
          const found = await mailboxes.search(session, {
            is: 'header',
            field: 'subject',
            contains: `mail ${generation}`,
          });
          assert.deepEqual(found, uids);
        }
      },
    );

    on('trimming the log raises its floor: older states are told so', async (mailboxes, store) => {
      const { id } = await inboxOf(mailboxes);
      const { modseq } = await mailboxes.append(alice, id, [simple('a'), simple('b')]);
      await mailboxes.expunge(alice, id, [1], true);
      assert.deepEqual(await mailboxes.expungedSince(alice, id, modseq), [1]);
      assert.equal(await store.write(trimChanges, { account: alice }), false);
      await store.write(leap, changesKept + 10);
      await mailboxes.append(alice, id, [simple('c')]);
      assert.equal(await store.write(trimChanges, { account: alice }), false);
      assert.equal(await mailboxes.expungedSince(alice, id, modseq), undefined);
    });

    test('recounting mends counters that are off', async () => {
      await using store = await engine.open();
      using mailboxes = mailboxesOf(store);
      const { id } = await inboxOf(mailboxes);
      await mailboxes.append(alice, id, [simple('a'), simple('b')]);
      await store.write(spoil, undefined);
      assert.notDeepEqual(await problemsOf(store), []);
      await store.write(recount, { account: alice });
      assert.deepEqual(await problemsOf(store), []);
      assert.equal((await inboxOf(mailboxes)).total, 2);
    });

    test('an account that has no store yet has no problem with being listed', async () => {
      await using store = await engine.open();
      await store.write(createAccountStore, { account: alice, nowMs: 1, quotaBytes: 5 });
      await store.write(createAccountStore, { account: alice, nowMs: 1, quotaBytes: 9 });
      using mailboxes = mailboxesOf(store);
      assert.deepEqual(await mailboxes.quota(alice), { usedBytes: 0, limitBytes: 5, emails: 0 });
      assert.equal((await mailboxes.list(bob)).length, 6);
    });
  });
}
