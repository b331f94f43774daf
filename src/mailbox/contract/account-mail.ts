/** What every engine keeps of emails as JMAP sees them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { Refusal } from '../../base/refusal.ts';
import type { AccountMail } from '../account-mail.ts';
import { deleted, flagged, noFlags, seen } from '../flags.ts';
import { mailboxNumber } from '../ids.ts';
import type { Mailboxes } from '../mailboxes.ts';
import { forgetUploads } from '../rules/upload.ts';
import type { Store } from '../../store/store.ts';
import { alice, mailboxesOf, message, problemsOf, simple } from '../testing.ts';
import type { Engine } from './engine.ts';

const refused = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason;

interface On {
  readonly mailboxes: Mailboxes;
  readonly mail: AccountMail;
  readonly store: Store;
  /** Numbers of mailboxes by name. */
  readonly box: (name: string) => Promise<number>;
  /** What changed since, as `created 1`. */
  readonly since: (
    state: string | number,
  ) => Promise<{ emails: string[]; threads: string[]; mailboxes: string[] }>;
}

const reply = (id: string, to: string) =>
  message(`Subject: Re: talk\nMessage-ID: <${id}@x.test>\nReferences: <${to}@x.test>\n\nyes\n`);
const first = message('Subject: talk\nMessage-ID: <a@x.test>\n\nwell\n');

export function accountMailContract(engine: Engine): void {
  function on(name: string, body: (on: On) => Promise<void>): void {
    test(name, async () => {
      await using store = await engine.open();
      using mailboxes = mailboxesOf(store);
      const { mail } = mailboxes;
      await mailboxes.list(alice);
      await body({
        mailboxes,
        mail,
        store,
        box: async (wanted) => mailboxNumber((await mailboxes.find(alice, wanted))!.id)!,
        since: async (state) => {
          const found = await mail.changes(alice, String(state), undefined);
          assert.ok(found);
          const words = (list: typeof found.emails) => list.map(({ is, number }) => `${is} ${number}`);
          return {
            emails: words(found.emails),
            threads: words(found.threads),
            mailboxes: words(found.mailboxes),
          };
        },
      });
      assert.deepEqual(await problemsOf(store), []);
    });
  }

  describe('emails of an account', () => {
    on(
      'what a client knew holds until something of its kind has changed, and is looked at by the write itself',
      async ({ mail, box }) => {
        const inbox = await box('INBOX');
        const { email, version } = await mail.create(alice, [inbox], first);
        const state = String(version);
        const emails = { of: 'emails', state, readable: undefined } as const;
        const boxes = { of: 'mailboxes', state, readable: undefined } as const;
        const threads = { of: 'threads', state, readable: undefined } as const;
        await mail.tree.create(alice, 'New', {});
        assert.deepEqual(
          await Promise.all([emails, boxes, threads].map((known) => mail.isUnchanged(alice, known))),
          [true, false, true],
        );
        const flag = [{ email, add: { system: flagged, keywords: [] }, into: [], outOf: [] }];
        await assert.rejects(mail.ifUnchanged(boxes).change(alice, flag), refused('conflict'));
        await mail.ifUnchanged(emails).change(alice, flag);
        assert.deepEqual(
          await Promise.all([emails, threads].map((known) => mail.isUnchanged(alice, known))),
          [false, true],
        );
        const writes = mail.ifUnchanged(emails);
        await assert.rejects(writes.change(alice, flag), refused('conflict'));
        await assert.rejects(writes.destroy(alice, [email], undefined), refused('conflict'));
        await assert.rejects(writes.create(alice, [inbox], first), refused('conflict'));
        await assert.rejects(writes.tree.create(alice, 'Other', {}), refused('conflict'));
        for (const strange of ['x', '0', '999', `${version}.1`])
          assert.equal(await mail.isUnchanged(alice, { ...emails, state: strange }), false, strange);
      },
    );

    on('of writes that know the same one goes through', async ({ mail, box }) => {
      const inbox = await box('INBOX');
      const { version } = await mail.create(alice, [inbox], first);
      const writes = mail.ifUnchanged({ of: 'emails', state: String(version), readable: undefined });
      const all = await Promise.allSettled([1, 2, 3, 4].map(() => writes.create(alice, [inbox], first)));
      assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
    });

    on(
      'an email is one in several mailboxes, and its keywords are the same in all',
      async ({ mailboxes, mail, box }) => {
        const [inbox, work] = [await box('INBOX'), await box('Archive')];
        const made = await mail.create(alice, [inbox, work], {
          ...first,
          flags: { system: flagged, keywords: ['Blue'] },
        });
        const rows = async () => (await mail.emails(alice, [made.email], undefined)).get(made.email) ?? [];
        assert.deepEqual(
          (await rows()).map(({ mailbox, flags, keywords }) => [mailbox, flags, keywords]),
          [
            [inbox, flagged, 'Blue'],
            [work, flagged, 'Blue'],
          ],
        );
        const change = { email: made.email, into: [], outOf: [] };
        await mail.change(alice, [{ ...change, add: { system: seen, keywords: ['red'] } }]);
        await mail.change(alice, [{ ...change, remove: { system: flagged, keywords: ['BLUE'] } }]);
        assert.deepEqual(
          (await rows()).map(({ flags, keywords }) => [flags, keywords]),
          [
            [seen, 'red'],
            [seen, 'red'],
          ],
        );
        assert.equal((await mailboxes.find(alice, 'INBOX'))!.unseen, 0);
        const trash = await box('Trash');
        await mail.change(alice, [
          { email: made.email, into: [trash], outOf: [inbox, work], replace: noFlags },
        ]);
        assert.deepEqual(
          (await rows()).map(({ mailbox, flags, keywords }) => [mailbox, flags, keywords]),
          [[trash, 0, '']],
        );
        const nowhere = await mail.change(alice, [
          { email: made.email, into: [], outOf: [trash] },
          { email: 99, into: [], outOf: [] },
          { email: made.email, into: [99], outOf: [] },
        ]);
        assert.deepEqual(nowhere, {
          version: 0,
          failed: [
            [made.email, 'invalid'],
            [99, 'notFound'],
            [made.email, 'mailboxNotFound'],
          ],
        });
        assert.deepEqual(await mail.destroy(alice, [made.email, 98], undefined), [made.email]);
        assert.equal((await mailboxes.quota(alice)).usedBytes, 0);
      },
    );

    on(
      'what changed is told once for each email, thread and mailbox',
      async ({ mailboxes, mail, box, since }) => {
        const inbox = await box('INBOX');
        const start = await mail.version(alice);
        const a = await mail.create(alice, [inbox], first);
        const b = await mail.create(alice, [inbox], reply('b', 'a'));
        assert.equal(b.thread, a.thread);
        assert.deepEqual(await since(start), {
          emails: [`created ${a.email}`, `created ${b.email}`],
          threads: [`created ${a.thread}`],
          mailboxes: [`updated ${inbox}`],
        });
        const then = await mail.version(alice);
        const info = (await mailboxes.find(alice, 'INBOX'))!;
        await mailboxes.storeFlags(alice, info.id, [1], {
          how: 'add',
          flags: { system: seen, keywords: [] },
        });
        assert.deepEqual(await since(then), {
          emails: [`updated ${a.email}`],
          threads: [],
          mailboxes: [`updated ${inbox}`],
        });
        // For JMAP a message with \Deleted is gone.
        await mailboxes.storeFlags(alice, info.id, [1], {
          how: 'add',
          flags: { system: deleted, keywords: [] },
        });
        assert.deepEqual((await since(then)).emails, [`destroyed ${a.email}`]);
        assert.deepEqual((await since(then)).threads, [`updated ${a.thread}`]);
        await mailboxes.expunge(alice, info.id);
        const later = await mail.version(alice);
        assert.deepEqual((await since(start)).emails, [`created ${b.email}`, `destroyed ${a.email}`]);
        await mail.destroy(alice, [b.email], undefined);
        assert.deepEqual(await since(later), {
          emails: [`destroyed ${b.email}`],
          threads: [`destroyed ${a.thread}`],
          mailboxes: [`updated ${inbox}`],
        });
        for (const state of ['', 'x', '1.x', '-1', String((await mail.version(alice)) + 1)])
          assert.equal(await mail.changes(alice, state, undefined), undefined, state);
      },
    );

    on(
      'moves and copies by IMAP keep the email, and are told as updates',
      async ({ mailboxes, mail, box, since }) => {
        const inbox = (await mailboxes.find(alice, 'INBOX'))!;
        const archive = (await mailboxes.find(alice, 'Archive'))!;
        const a = await mail.create(alice, [await box('INBOX')], first);
        const then = await mail.version(alice);
        await mailboxes.copy(alice, inbox.id, [1], archive.id);
        assert.deepEqual((await since(then)).emails, [`updated ${a.email}`]);
        await mailboxes.expunge(alice, inbox.id, [1], true);
        const rows = (await mail.emails(alice, [a.email], undefined)).get(a.email)!;
        assert.deepEqual(
          rows.map(({ mailbox }) => mailbox),
          [await box('Archive')],
        );
        assert.deepEqual((await since(then)).emails, [`updated ${a.email}`]);
        assert.deepEqual(await mail.changes(alice, String(then), [await box('Drafts')]), {
          version: await mail.version(alice),
          emails: [],
          threads: [],
          threadsKnown: true,
          mailboxes: [],
        });
      },
    );

    on('a state within a version tells the rest of it', async ({ mail, mailboxes, box, since }) => {
      const inbox = await box('INBOX');
      const info = (await mailboxes.find(alice, 'INBOX'))!;
      const start = await mail.version(alice);
      const done = await mailboxes.append(alice, info.id, ['a', 'b', 'c'].map(simple));
      const [a, b, c] = done.emails as [number, number, number];
      assert.deepEqual((await since(`${done.modseq}.${a}`)).emails, [`created ${b}`, `created ${c}`]);
      await mail.change(alice, [{ email: a, add: { system: seen, keywords: [] }, into: [], outOf: [] }]);
      assert.deepEqual((await since(`${done.modseq}.${a}`)).emails, [
        `created ${b}`,
        `created ${c}`,
        `updated ${a}`,
      ]);
      assert.deepEqual((await since(start)).emails, [`created ${a}`, `created ${b}`, `created ${c}`]);
      assert.equal(inbox, 1);
    });

    on(
      'queries filter by mailboxes, keywords, threads, dates and texts, and sort',
      async ({ mail, mailboxes, box }) => {
        const [inbox, archive] = [await box('INBOX'), await box('Archive')];
        const at = (ms: number) => ({ receivedAtMs: ms });
        const a = await mail.create(alice, [inbox, archive], { ...first, ...at(3000) });
        const b = await mail.create(alice, [archive], {
          ...reply('b', 'a'),
          ...at(1000),
          flags: { system: seen, keywords: ['x'] },
        });
        const c = await mail.create(alice, [inbox], { ...simple('zebra'), ...at(2000) });
        const query = async (filter?: Parameters<AccountMail['query']>[1]['filter'], more = {}) =>
          Array.from(
            (await mail.query(alice, { filter, sort: [], collapse: false, ...more }, undefined)).emails,
          );
        assert.deepEqual(await query(), [a.email, c.email, b.email]);
        assert.deepEqual(await query({ is: 'inMailbox', mailbox: archive }), [a.email, b.email]);
        assert.deepEqual(await query({ is: 'outside', mailboxes: [archive] }), [a.email, c.email]);
        assert.deepEqual(await query({ is: 'keyword', keyword: '$seen' }), [b.email]);
        assert.deepEqual(await query({ is: 'keyword', keyword: 'x' }), [b.email]);
        assert.deepEqual(await query({ is: 'threadKeyword', keyword: 'x', have: 'some' }), [
          a.email,
          b.email,
        ]);
        assert.deepEqual(await query({ is: 'threadKeyword', keyword: 'x', have: 'all' }), []);
        assert.deepEqual(await query({ is: 'threadKeyword', keyword: 'x', have: 'none' }), [c.email]);
        assert.deepEqual(await query({ is: 'received', when: 'before', atMs: 2000 }), [b.email]);
        assert.deepEqual(await query({ is: 'received', when: 'after', atMs: 2000 }), [a.email, c.email]);
        assert.deepEqual(await query(undefined, { collapse: true }), [a.email, c.email]);
        const subject = { is: 'header', field: 'subject', contains: 'TALK' } as const;
        assert.deepEqual(await query({ is: 'text', criterion: subject }), [a.email, b.email]);
        const not = { is: 'not', of: { is: 'text', criterion: { is: 'body', contains: 'well' } } } as const;
        assert.deepEqual(await query({ is: 'and', of: [{ is: 'inMailbox', mailbox: archive }, not] }), [
          b.email,
        ]);
        assert.deepEqual(
          await query({
            is: 'or',
            of: [
              { is: 'keyword', keyword: 'x' },
              { is: 'inMailbox', mailbox: inbox },
            ],
          }),
          [a.email, c.email, b.email],
        );
        assert.deepEqual(
          await query(undefined, {
            sort: [
              { by: 'subject', descending: true },
              { by: 'receivedAt', descending: false },
            ],
          }),
          [c.email, b.email, a.email],
        );
        const other = await mail.query(alice, { filter: undefined, sort: [], collapse: false }, [archive]);
        assert.deepEqual(Array.from(other.emails), [a.email, b.email]);
        // Seen in one mailbox only: unread as a whole.
        await mailboxes.storeFlags(alice, (await mailboxes.find(alice, 'INBOX'))!.id, [1], {
          how: 'add',
          flags: { system: seen, keywords: [] },
        });
        assert.deepEqual(await query({ is: 'keyword', keyword: '$seen' }), [b.email]);
        const counts = await mail.counts(alice, undefined, undefined);
        assert.deepEqual(counts.get(archive), {
          totalEmails: 2,
          unreadEmails: 1,
          totalThreads: 1,
          unreadThreads: 1,
        });
        assert.deepEqual(counts.get(inbox), {
          totalEmails: 2,
          unreadEmails: 2,
          totalThreads: 2,
          unreadThreads: 2,
        });
      },
    );

    on(
      'mailboxes are changed by id, and their subscriptions stay with them',
      async ({ mailboxes, mail, box }) => {
        const id = await mail.tree.create(alice, 'Work/deep', { subscribed: true, sortOrder: 3 });
        const other = await mail.tree.create(alice, 'Plain', { subscribed: false });
        await mail.tree.change(alice, id, 'Work/deeper', { sortOrder: 4, role: 'important' });
        const get = async (wanted: typeof id) => (await mailboxes.get(alice, wanted))!;
        const { name, subscribed, sortOrder, role } = await get(id);
        assert.deepEqual([name, subscribed, sortOrder, role], ['Work/deeper', true, 4, 'important']);
        assert.equal((await get(other)).subscribed, false);
        await assert.rejects(
          mail.tree.change(alice, other, undefined, { role: 'important' }),
          refused('conflict'),
        );
        await assert.rejects(mail.tree.create(alice, 'Plain', {}), refused('mailboxExists'));
        await assert.rejects(
          mail.tree.destroy(alice, (await mailboxes.find(alice, 'Work'))!.id, true),
          refused('conflict'),
        );
        const made = await mail.create(alice, [await box('Plain'), await box('INBOX')], first);
        await assert.rejects(mail.tree.destroy(alice, other, false), refused('conflict'));
        await mail.tree.destroy(alice, other, true);
        assert.equal(await mailboxes.get(alice, other), undefined);
        assert.equal((await mail.emails(alice, [made.email], undefined)).get(made.email)!.length, 1);
        assert.equal((await mailboxes.subscriptions(alice)).includes('Plain'), false);
      },
    );

    on('uploads are there for a day', async ({ mail, store }) => {
      const kept = await mail.upload(alice, 'text/plain', { is: 'inline', bytes: Buffer.from('abc') });
      const found = (await mail.uploaded(alice, kept.id))!;
      assert.deepEqual([found.type, found.sizeBytes, found.body.is], ['text/plain', 3, 'inline']);
      assert.equal(await mail.uploaded(alice, 'other'), undefined);
      const day = 24 * 60 * 60 * 1000;
      await store.write(forgetUploads, { nowMs: systemClock.nowMs() + day - 60_000, limit: 10 });
      assert.ok(await mail.uploaded(alice, kept.id));
      await store.write(forgetUploads, { nowMs: systemClock.nowMs() + day + 60_000, limit: 10 });
      assert.equal(await mail.uploaded(alice, kept.id), undefined);
    });
  });
}
