import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageId, OrgId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { TestClock } from '../base/test-clock.ts';
import { TestDirectory, testIntake } from '../intake/testing.ts';
import { decodeWords } from '../proto/mime/encoded-word.ts';
import { indexMessage } from '../proto/mime/structure.ts';
import { partText } from '../proto/mime/text.ts';
import type { Quarantined } from '../queue/quarantine.ts';
import { QuarantineNotices } from './quarantine-notices.ts';

const kept = (id: string, recipients: readonly string[], subject = 'Win'): Quarantined => ({
  message: id as MessageId,
  org: 'org1',
  sender: 'spam@elsewhere.test',
  recipients,
  subject,
  sizeBytes: 100,
  atMs: 1_700_000_000_000,
  expiresAtMs: 1_700_100_000_000,
  score: 9,
  rules: [{ rule: 'uribl.dbl.test', weight: 9, detail: '' }],
});

class Domains extends TestDirectory {
  async domainNames(): Promise<readonly string[]> {
    return ['here.test'];
  }
}

async function told(
  tells: { admins: boolean; recipients: boolean },
  mails: readonly Quarantined[],
  language: 'en' | 'ja' = 'en',
): Promise<{ to: string; subject: string; text: string }[]> {
  const { intake, taken } = testIntake();
  const clock = new TestClock();
  await using notices = new QuarantineNotices({
    quarantine: { untold: async () => new Map([['org1' as OrgId, mails]]) },
    directory: new Domains(),
    intake,
    clock,
    log: silentLog,
    hostName: 'mx.here.test',
    language,
    tells,
    afterMs: 1000,
  });
  await notices.round();
  return taken.map(({ submission, text }) => {
    const bytes = Buffer.from(text, 'latin1');
    const index = indexMessage(bytes);
    const header = text.slice(0, index.root.bodyStart);
    return {
      to: submission.recipients.map(({ address }) => address).join(),
      subject: decodeWords(index.envelope.subject ?? ''),
      text: header + partText(bytes, index.root).text,
    };
  });
}

test('the postmaster hears of all of it, once', async () => {
  const found = await told({ admins: true, recipients: false }, [
    kept('m1', ['alice@here.test'], 'Go to https://evil.test/ now'),
    kept('m2', ['bob@here.test']),
  ]);
  assert.deepEqual(
    found.map(({ to }) => to),
    ['postmaster@here.test'],
  );
  const { subject, text } = found[0]!;
  assert.equal(subject, '2 mails are in quarantine');
  assert.match(text, /Auto-Submitted: auto-generated/);
  assert.match(
    text,
    /m1 .*"Go to https: \/\/evil\.test\/ now"[^]*to: alice@here\.test[^]*why: uribl\.dbl\.test/,
  );
  assert(!text.includes('https://evil'), 'nobody is led there by us');
});

test('people hear of their own, and nobody else’s', async () => {
  const found = await told({ admins: false, recipients: true }, [
    kept('m1', ['alice@here.test', 'bob@here.test']),
    kept('m2', ['bob@here.test']),
    kept('m3', ['outside@there.test', 'info@here.test']),
  ]);
  assert.deepEqual(found.map(({ to }) => to).toSorted(), ['alice@here.test', 'bob@here.test']);
  const alice = found.find(({ to }) => to.startsWith('alice'))!.text;
  assert(alice.includes('m1') && !alice.includes('m2') && !alice.includes('bob@'));
});

test('in Japanese for who asks', async () => {
  const [one] = await told({ admins: true, recipients: false }, [kept('m1', ['alice@here.test'])], 'ja');
  assert.equal(one!.subject, '隔離中のメールが 1 通あります');
  assert.match(one!.text, /差出人: spam@elsewhere\.test/);
});
