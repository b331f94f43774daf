import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { noMetrics } from '../base/metrics.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import { Examiner } from './examiner.ts';
import type { Arriving, Opinion } from './opinion.ts';
import { authenticationDefaults, type AuthenticationOptions, type SenderRules } from './options.ts';
import { sealedBy, signedBy, testDns, type TestDns } from './testing.ts';

interface Given {
  readonly dns: TestDns;
  readonly message: string;
  readonly sender?: string;
  readonly ip?: string;
  readonly options?: Partial<AuthenticationOptions>;
  readonly recipients?: Arriving['recipients'];
  readonly own?: Readonly<Record<string, Partial<SenderRules>>>;
  readonly byGateway?: boolean;
}

async function examine(given: Given): Promise<Opinion> {
  const { dns, message, sender = 'bob@there.test', ip = '192.0.2.1', options, own = {} } = given;
  const { recipients = [{ org: 'o1', domain: 'here.test' }] } = given;
  const examiner = new Examiner({
    dns,
    clock: systemClock,
    metrics: noMetrics,
    options: { ...authenticationDefaults, authservId: 'mx.here.test', ...options },
    rulesOf: async (org) => own[org],
  });
  const bytes = Buffer.from(message);
  const block = parseHeaders(bytes);
  const examination = examiner.begin({
    byGateway: given.byGateway === true,
    ip,
    helo: 'mail.there.test',
    sender,
    recipients,
    header: bytes.subarray(0, block.end),
    block,
  });
  for (let at = block.bodyStart; at < bytes.length; at += 50) examination.body(bytes.subarray(at, at + 50));
  return examination.finish();
}

const plain =
  'From: Bob <bob@there.test>\r\nTo: a@here.test\r\nSubject: x\r\n\r\nHello there,\r\nhow are you?\r\n';
const rejecting = { '_dmarc.there.test': 'v=DMARC1; p=reject' };
const fieldsOf = (opinion: Opinion): string => {
  assert.equal(opinion.is, 'accept');
  return opinion.is === 'accept' ? opinion.fields.replace(/\r\n\s+/g, ' ') : '';
};

test('a signed mail of a domain with DMARC passes, and the field says by what', async () => {
  const dns = testDns({ ...rejecting, 'there.test': 'v=spf1 ip4:192.0.2.0/24 -all' }, ['there.test']);
  const opinion = await examine({ dns, message: await signedBy('there.test', plain) });
  const fields = fieldsOf(opinion);
  assert.match(fields, /^Authentication-Results: mx\.here\.test; /);
  assert.match(fields, /spf=pass smtp\.mailfrom=bob@there\.test;/);
  assert.match(
    fields,
    /dkim=pass \(2048-bit key\) header\.d=there\.test header\.i=@there\.test header\.s=s1 header\.a=rsa-sha256/,
  );
  assert.match(fields, /dmarc=pass \(p=reject\) header\.from=there\.test policy\.dmarc=reject/);
  assert.match(fields, /arc=none/);
  assert.deepEqual(opinion.is === 'accept' && opinion.junkFor, []);
});

test('what nothing proves is refused at p=reject, with the reason', async () => {
  const dns = testDns({ ...rejecting, 'there.test': 'v=spf1 -all' });
  const opinion = await examine({ dns, message: plain });
  assert.deepEqual([opinion.is, opinion.is === 'refuse' && opinion.temporary], ['refuse', false]);
  assert.equal(
    opinion.is === 'refuse' && opinion.reply,
    'there.test asks (DMARC p=reject) to refuse mail in its name that neither SPF nor DKIM proves: SPF fail for there.test, DKIM none',
  );
});

test('what a gateway brings goes into Junk: refused, it could only return it to a forged sender', async () => {
  const opinion = await examine({ dns: testDns(rejecting), message: plain, byGateway: true });
  assert.ok(opinion.is === 'accept');
  assert.deepEqual([opinion.junkFor, opinion.decision.action], [['o1'], 'junk']);
});

test('a signature over another text, and an SPF of another domain, prove nothing', async () => {
  const dns = testDns({ ...rejecting, 'evil.test': 'v=spf1 +all' }, ['there.test', 'evil.test']);
  const changed = (await signedBy('there.test', plain)).replace('Hello', 'Adieu');
  assert.equal((await examine({ dns, message: changed })).is, 'refuse');
  const foreign = await signedBy('evil.test', plain);
  assert.equal((await examine({ dns, message: foreign, sender: 'x@evil.test' })).is, 'refuse');
});

test('quarantine is Junk, none is nothing, and t=y is one step weaker', async () => {
  const policy = async (record: string): Promise<string> => {
    const opinion = await examine({ dns: testDns({ '_dmarc.there.test': record }), message: plain });
    return opinion.is === 'accept' ? `accept ${opinion.junkFor.join()}` : opinion.is;
  };
  assert.equal(await policy('v=DMARC1; p=quarantine'), 'accept o1');
  assert.equal(await policy('v=DMARC1; p=none'), 'accept ');
  assert.equal(await policy('v=DMARC1; p=reject; t=y'), 'accept o1');
});

test('rules of the server, of an organisation and for a sender come before what the domain asks for', async () => {
  const dns = testDns(rejecting);
  const action = async (given: Partial<Given>): Promise<string> => {
    const opinion = await examine({ dns, message: plain, ...given });
    return opinion.decision.action;
  };
  assert.equal(await action({ options: { dmarc: 'junk' } }), 'junk');
  assert.equal(await action({ options: { dmarc: 'ignore' } }), 'accept');
  assert.equal(
    await action({ options: { senders: [{ domain: 'there.test', action: 'accept' }] } }),
    'accept',
  );
  assert.equal(await action({ own: { o1: { senders: [{ domain: '*.test', action: 'junk' }] } } }), 'junk');
  assert.equal(await action({ own: { o1: { dmarc: 'ignore' }, o2: { dmarc: 'ignore' } } }), 'accept');
});

test('a mail for two organisations is refused only if both want that; else it goes into the Junk of the one', async () => {
  const recipients = [
    { org: 'o1', domain: 'here.test' },
    { org: 'o2', domain: 'near.test' },
  ];
  const dns = testDns(rejecting);
  assert.equal((await examine({ dns, message: plain, recipients })).is, 'refuse');
  const opinion = await examine({ dns, message: plain, recipients, own: { o2: { dmarc: 'ignore' } } });
  assert.deepEqual(opinion.is === 'accept' && opinion.junkFor, ['o1']);
});

test('a trusted forwarder vouches by its ARC seal, an unknown one does not', async () => {
  const dns = testDns(rejecting, ['there.test', 'list.test', 'other.test']);
  const results = 'list.test; dmarc=pass header.from=there.test';
  const sealed = await sealedBy('list.test', plain.replace('Hello', '[list] Hello'), results);
  const options = { trustedForwarders: ['list.test'] };
  const trusted = await examine({ dns, message: sealed, options });
  assert.equal(trusted.is, 'accept');
  assert.match(fieldsOf(trusted), /dmarc=fail \(p=reject dis=none arc=pass by list\.test\)/);
  assert.deepEqual(trusted.decision.override, { type: 'local_policy', comment: 'arc=pass by list.test' });
  assert.equal((await examine({ dns, message: sealed })).is, 'refuse');
  // Somebody unknown has sealed since: what was in it before may be theirs.
  const passedOn = await sealedBy('other.test', sealed, 'other.test; arc=pass');
  assert.equal((await examine({ dns, message: passedOn, options })).is, 'refuse');
  const forged = await sealedBy('list.test', plain, 'list.test; dmarc=fail header.from=there.test');
  assert.equal((await examine({ dns, message: forged, options })).is, 'refuse');
  // Anybody may have written another author into it.
  const loose = await sealedBy('list.test', plain, results, 'from');
  assert.equal((await examine({ dns, message: loose, options })).is, 'refuse');
});

test('a list that proves itself goes into Junk rather than being refused, and a trusted one through', async () => {
  const dns = testDns({ ...rejecting, 'list.test': 'v=spf1 +all' });
  const message = `List-Id: Friends <friends.list.test>\r\n${plain}`;
  const sender = 'bounces@list.test';
  const junk = await examine({ dns, message, sender });
  assert.equal(junk.decision.action, 'junk');
  assert.equal(junk.decision.override?.type, 'mailing_list');
  assert.equal((await examine({ dns, message, sender, options: { spareLists: false } })).is, 'refuse');
  const through = await examine({ dns, message, sender, options: { trustedForwarders: ['list.test'] } });
  assert.equal(through.decision.action, 'accept');
  // The name of a list is easily written; who it is must be proved.
  assert.equal((await examine({ dns, message, sender: 'x@elsewhere.test' })).is, 'refuse');
});

test('two From fields, and one that cannot be read, are refused, none where that is asked for; authors of several domains are suspect', async () => {
  const dns = testDns({});
  const refused = await examine({ dns, message: `From: x@other.test\r\n${plain}` });
  assert.equal(
    refused.is === 'refuse' && refused.reply,
    'The message has more than one From field (RFC 5322, 3.6)',
  );
  assert.equal((await examine({ dns, message: 'From: x\r\n\r\ny\r\n' })).is, 'refuse');
  const nobody = 'Subject: x\r\n\r\ny\r\n';
  assert.equal((await examine({ dns, message: nobody })).is, 'accept');
  assert.equal((await examine({ dns, message: nobody, options: { missingAuthor: 'refuse' } })).is, 'refuse');
  const several = await examine({
    dns,
    message: plain.replace('bob@there.test>', 'bob@there.test>, x@other.test'),
  });
  assert.equal(several.decision.action, 'junk');
});

test('a host that SPF forbids is nothing by itself, unless it is asked for', async () => {
  const dns = testDns({ 'there.test': 'v=spf1 -all exp=why.there.test', 'why.there.test': 'not from %{i}' }, [
    'there.test',
  ]);
  assert.equal((await examine({ dns, message: plain })).decision.action, 'accept');
  const refused = await examine({ dns, message: plain, options: { spfFail: 'refuse' } });
  assert.equal(
    refused.is === 'refuse' && refused.reply,
    '192.0.2.1 may not send mail of there.test (SPF -all): not from 192.0.2.1',
  );
  const signed = await signedBy('there.test', plain);
  assert.equal(
    (await examine({ dns, message: signed, options: { spfFail: 'refuse' } })).decision.action,
    'accept',
  );
});

test('DNS that fails gives temperror and lets the mail through, or defers it where that is asked for', async () => {
  const dns = testDns({});
  dns.failing.add('_dmarc.there.test').add('there.test');
  const opinion = await examine({ dns, message: plain });
  assert.match(fieldsOf(opinion), /spf=temperror .*dmarc=temperror/);
  const deferred = await examine({ dns, message: plain, options: { onTemporaryError: 'defer' } });
  assert.deepEqual([deferred.is, deferred.is === 'refuse' && deferred.temporary], ['refuse', true]);
});

test('DNS that never answers holds no mail longer than the time limit', async () => {
  const dns = testDns({}, ['there.test']);
  const message = await signedBy('there.test', plain);
  for (const name of ['_dmarc.there.test', 'there.test', 'mail.there.test', 's1._domainkey.there.test'])
    dns.silent.add(name);
  const fields = fieldsOf(await examine({ dns, message, options: { timeoutMs: 30 } }));
  assert.match(fields, /spf=temperror reason="it took too long".*dkim=temperror.*dmarc=temperror/);
});

test('the null sender is judged by its greeting', async () => {
  const dns = testDns({ 'mail.there.test': 'v=spf1 ip4:192.0.2.1 -all', ...rejecting });
  const fields = fieldsOf(await examine({ dns, message: plain, sender: '' }));
  assert.match(fields, /spf=pass smtp\.helo=mail\.there\.test/);
  assert.match(fields, /dmarc=pass/);
});

test('a logo is looked up for a domain that proves its mail, and only for such', async () => {
  const texts = {
    ...rejecting,
    'there.test': 'v=spf1 +all',
    'default._bimi.there.test': 'v=BIMI1; l=https://there.test/logo.svg; a=https://there.test/vmc.pem',
  };
  const fields = fieldsOf(await examine({ dns: testDns(texts), message: plain }));
  assert.match(fields, /bimi=pass header\.d=there\.test header\.selector=default/);
  assert.match(
    fields,
    /BIMI-Location: v=BIMI1; l=https:\/\/there\.test\/logo\.svg; a=https:\/\/there\.test\/vmc\.pem/,
  );
  const weak = fieldsOf(
    await examine({ dns: testDns({ ...texts, '_dmarc.there.test': 'v=DMARC1; p=none' }), message: plain }),
  );
  assert.doesNotMatch(weak, /bimi/i);
});
