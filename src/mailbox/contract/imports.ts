/** Imports: nothing twice, nothing lost, unique ids of the old server, flags that follow. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { answered, flagged, seen } from '../flags.ts';
import { type ImportedEmail, Imports } from '../imports.ts';
import type { MailboxInfo } from '../mailbox.ts';
import type { Mailboxes } from '../mailboxes.ts';
import { alice, mailboxesOf, simple } from '../testing.ts';
import type { Engine } from './engine.ts';

interface Parts {
  readonly imports: Imports;
  readonly mailboxes: Mailboxes;
  readonly inbox: MailboxInfo;
}

const message = (name: string, more: Partial<ImportedEmail> = {}): ImportedEmail => ({
  ...simple(name),
  key: `key of ${name}`,
  hash: `hash of ${name}`,
  ...more,
});

export function importsContract(engine: Engine): void {
  const withImports = (rule: string, prove: (parts: Parts) => Promise<void>): void => {
    test(rule, async () => {
      await using store = await engine.open();
      using mailboxes = mailboxesOf(store);
      const [inbox] = await mailboxes.list(alice);
      await prove({
        imports: new Imports({ store, clock: systemClock, mailboxes }),
        mailboxes,
        inbox: inbox!,
      });
    });
  };
  const total = async ({ mailboxes, inbox }: Parts): Promise<number> =>
    (await mailboxes.get(alice, inbox.id))!.total;

  withImports('what has come does not come again, also when it was deleted here', async (parts) => {
    const to = { account: alice, mailbox: parts.inbox.id, source: 'old' };
    const first = await parts.imports.take(to, [message('a'), message('b'), message('a')]);
    assert.deepEqual(
      first.map(({ is, uid }) => `${is} ${uid}`),
      ['taken 1', 'taken 2', 'taken 1'],
    );
    await parts.mailboxes.expunge(alice, parts.inbox.id, [1], true);
    const again = await parts.imports.take(to, [message('a'), message('b'), message('c')]);
    assert.deepEqual(
      again.map(({ is, uid }) => `${is} ${uid}`),
      ['known 1', 'known 2', 'taken 3'],
    );
    assert.equal(await total(parts), 2);
    const elsewhere = await parts.imports.take({ ...to, source: 'another' }, [message('a')]);
    assert.equal(elsewhere[0]!.is, 'taken', 'keys are those of one source');
  });

  withImports('one that is refused takes all of its request with it', async (parts) => {
    const to = { account: alice, mailbox: parts.inbox.id, source: 'old' };
    const bad = message('bad', { flags: { system: 0, keywords: ['not a keyword'] } });
    await assert.rejects(parts.imports.take(to, [message('a'), bad]), { reason: 'invalid' });
    assert.equal(await total(parts), 0);
    assert.equal((await parts.imports.take(to, [message('a')]))[0]!.is, 'taken');
    await parts.mailboxes.setQuota(alice, 10);
    await assert.rejects(parts.imports.take(to, [message('b')]), { reason: 'mailboxFull' });
  });

  withImports(
    'unique ids of POP3 come along, or are given to the same message from another source',
    async (parts) => {
      const { imports, mailboxes, inbox } = parts;
      const to = { account: alice, mailbox: inbox.id, source: 'files' };
      await imports.take(to, [
        message('a', { uidl: 'x1' }),
        message('b'),
        message('twin1', { hash: 'h' }),
        message('twin2', { hash: 'h' }),
      ]);
      const pop = { ...to, source: 'pop' };
      const adopt = (name: string, uidl: string, hash: string): ImportedEmail =>
        message(name, { uidl, hash, adopt: true });
      const taken = await imports.take(pop, [
        adopt('1', 'u1', 'hash of b'),
        adopt('2', 'u2', 'h'),
        adopt('3', 'u3', 'h'),
        adopt('4', 'u4', 'h'),
        adopt('5', 'u1', 'new'),
      ]);
      assert.deepEqual(
        taken.map(({ is, uid, uidlRefused = false }) => [is, uid, uidlRefused]),
        [
          ['adopted', 2, false],
          ['adopted', 3, false],
          ['adopted', 4, false],
          ['taken', 5, false],
          ['taken', 6, true],
        ],
      );
      const uidls = await mailboxes.access.pop3Uidls(alice, inbox.id);
      assert.deepEqual(
        [...uidls].toSorted(([a], [b]) => a - b),
        [
          [1, 'x1'],
          [2, 'u1'],
          [3, 'u2'],
          [4, 'u3'],
          [5, 'u4'],
        ],
      );
    },
  );

  withImports('flags follow the source, and what was changed here alone stays', async (parts) => {
    const { imports, mailboxes, inbox } = parts;
    const to = { account: alice, mailbox: inbox.id, source: 'old' };
    await imports.take(to, [message('a', { flags: { system: seen, keywords: ['Old'] } }), message('b')]);
    await mailboxes.storeFlags(alice, inbox.id, [1], {
      how: 'add',
      flags: { system: flagged, keywords: ['Mine'] },
    });
    const page = await imports.page(alice, 'old', { after: '', limit: 10 });
    const [a] = page;
    assert.deepEqual(a!.flags, { system: seen, keywords: ['Old'] });
    await imports.followFlags(alice, 'old', [
      { imported: a!, flags: { system: answered, keywords: ['New'] } },
    ]);
    const [now] = await imports.page(alice, 'old', { after: '', limit: 1 });
    assert.deepEqual(now!.flags, { system: answered, keywords: ['New'] });
    assert.deepEqual(now!.now?.flags, { system: answered + flagged, keywords: ['Mine', 'New'] });
    assert.equal((await imports.page(alice, 'old', { after: page[1]!.key, limit: 10 })).length, 0);
  });

  withImports('what is forgotten comes again', async (parts) => {
    const to = { account: alice, mailbox: parts.inbox.id, source: 'old' };
    await parts.imports.take(to, [message('a')]);
    await parts.imports.forget(alice, 'old');
    assert.equal((await parts.imports.take(to, [message('a')]))[0]!.is, 'taken');
    assert.equal(await total(parts), 2);
  });

  withImports(
    'a mailbox takes the role of one that was never used, and of no other',
    async ({ imports, mailboxes }) => {
      const roles = async (): Promise<string[]> =>
        (await mailboxes.list(alice)).map(({ name, role = '' }) => `${name}:${role}`);
      const ensure = (name: string, role: 'sent' | 'trash' | 'junk') =>
        imports.ensureMailbox(alice, { name, role, subscribed: true });
      assert.equal((await ensure('Sent Items', 'sent')).role, 'sent');
      assert.equal((await ensure('Sent Items', 'sent')).role, 'sent');
      assert.equal(
        (await ensure('Other', 'sent')).role,
        undefined,
        'it is no one’s that an account starts with',
      );
      const trash = (await mailboxes.find(alice, 'Trash'))!;
      const { uids } = await mailboxes.append(alice, trash.id, [simple('kept')]);
      await mailboxes.expunge(alice, trash.id, uids, true);
      assert.equal((await ensure('Deleted', 'trash')).role, undefined, 'it was used once');
      await mailboxes.create(alice, 'Junk/below');
      assert.equal((await ensure('Spam', 'junk')).role, undefined, 'it has others below it');
      assert.deepEqual(await roles(), [
        'INBOX:inbox',
        'Archive:archive',
        'Deleted:',
        'Drafts:drafts',
        'Junk:junk',
        'Junk/below:',
        'Other:',
        'Sent Items:sent',
        'Spam:',
        'Trash:trash',
      ]);
      assert.equal((await mailboxes.subscriptions(alice)).includes('Sent'), false);
    },
  );
}
