import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Email } from '../jmap/types.ts';
import { draftTo, replyTo, textOfHtml } from './answers.ts';
import { addressText, emptyDraft, parseAddress, type Draft } from './draft.ts';
import { warningsOf } from './warnings.ts';

Object.assign(globalThis, { document: { documentElement: { lang: 'en' } } });

const who = (email: string, name: string | null = null) => ({ name, email });

const email: Email = {
  id: 'e',
  threadId: 't',
  mailboxIds: { inbox: true },
  keywords: {},
  from: [who('ichiro@example.co.jp', '髙橋 一郎')],
  to: [who('alice@here.test', 'Alice'), who('bob@here.test')],
  cc: [who('carol@there.test')],
  bcc: null,
  replyTo: null,
  subject: 'Re: RE：返信: 見積',
  receivedAt: '2026-11-24T01:00:00Z',
  sentAt: null,
  preview: '',
  hasAttachment: true,
  size: 1,
  blobId: 'b',
  messageId: ['2@x'],
  inReplyTo: ['1@x'],
  references: ['0@x', '1@x'],
  textBody: [part('1', 'text/plain')],
  htmlBody: [part('1', 'text/plain')],
  attachments: [{ ...part('2', 'application/pdf'), blobId: 'f', name: '見積.pdf' }],
  bodyValues: { 1: { value: 'One\r\n> Two\r\n', isEncodingProblem: false, isTruncated: false } },
  'header:Authentication-Results:asText:all': [],
  'header:List-Unsubscribe:asURLs': null,
  'header:List-Unsubscribe-Post:asText': null,
};

function part(partId: string, type: string) {
  return { partId, blobId: null, size: 1, name: null, type, charset: null, disposition: null, cid: null };
}

test('an answer goes to the sender, with one prefix, what it answers, and the chain of references', () => {
  const draft = replyTo(email, ['alice@here.test'], 'sender');
  assert.deepEqual(draft.to, ['髙橋 一郎 <ichiro@example.co.jp>']);
  assert.deepEqual(draft.cc, []);
  assert.equal(draft.subject, 'Re: 見積');
  assert.match(draft.quote!.text, /^.*ichiro@example\.co\.jp>:\n> One\n>> Two\n$/);
  assert.match(
    draft.quote!.html,
    /ichiro@example\.co\.jp&gt;:<\/p>\n<blockquote [^>]+>One<br>\n&gt; Two<\/blockquote>$/,
  );
  assert.deepEqual(draft.inReplyTo, ['2@x']);
  assert.deepEqual(draft.references, ['0@x', '1@x', '2@x']);
  assert.deepEqual(draft.files, []);
});

test('an answer to all leaves oneself out, in whatever case one is written, and names nobody twice', () => {
  const all = replyTo({ ...email, cc: [...email.cc!, ...email.from!] }, ['ALICE@here.test'], 'all');
  assert.deepEqual(all.cc, ['bob@here.test', 'carol@there.test']);
  assert.deepEqual(replyTo({ ...email, replyTo: [who('list@x.test')] }, [], 'sender').to, ['list@x.test']);
  const own = replyTo({ ...email, from: [who('alice@here.test')] }, ['alice@here.test'], 'sender');
  assert.deepEqual(own.to, ['Alice <alice@here.test>', 'bob@here.test']);
});

test('what is forwarded takes its files along and answers nobody', () => {
  const draft = replyTo(email, [], 'forward');
  assert.equal(draft.subject, 'Fwd: Re: RE：返信: 見積');
  assert.deepEqual(
    draft.files.map(({ blobId, name }) => [blobId, name]),
    [['f', '見積.pdf']],
  );
  assert.equal(draft.inReplyTo, undefined);
  assert.match(draft.quote!.text, /From: 髙橋 一郎 <ichiro@example\.co\.jp>\n/);
});

test('links to write a mail are read with what they bring (RFC 6068)', () => {
  const draft = draftTo('mailto:a@x.test,b@x.test?cc=c@x.test&subject=%E4%BB%B6%20%26&body=one%0Atwo');
  assert.deepEqual([draft.to, draft.cc], [['a@x.test', 'b@x.test'], ['c@x.test']]);
  assert.deepEqual([draft.subject, draft.text], ['件 &', 'one\ntwo']);
  assert.deepEqual(draftTo('mailto:%zz').to, ['%zz']);
});

test('addresses are read with their names, also with full-width signs', () => {
  assert.deepEqual(parseAddress('"Smith, J." <j@x.test>'), who('j@x.test', 'Smith, J.'));
  assert.deepEqual(parseAddress('j＠x．test'), who('j@x.test'));
  assert.equal(parseAddress('nobody'), undefined);
  assert.equal(parseAddress('a@b@c'), undefined);
  assert.equal(addressText(who('j@x.test', 'Smith, J.')), '"Smith, J." <j@x.test>');
  assert.deepEqual(parseAddress(addressText(who('j@x.test', '髙橋'))), who('j@x.test', '髙橋'));
});

test('text of HTML: its lines, nothing of scripts, and signs as they are', () => {
  assert.equal(
    textOfHtml('<style>x{}</style><p>a&nbsp;&lt;b&gt; &amp;lt;</p><div>c<br>d</div><script>e</script>'),
    'a <b> &lt;\nc\nd',
  );
});

test('HTML that closes nothing costs no more than its length', () => {
  for (const piece of ['<style', '<', '<script>', ' ', '<br', '&'])
    assert.equal(typeof textOfHtml(piece.repeat(200_000)), 'string');
  assert.equal(textOfHtml('seen<STYLE>x'), 'seen');
});

test('what one may have forgotten is asked, and what cannot be sent is not', () => {
  const from = { email: 'alice@here.test' };
  const keys = (draft: Partial<Draft>, given = '', withoutForm = 0): string[] =>
    warningsOf({ ...emptyDraft, subject: 'x', ...draft }, from, {
      given,
      subjectGiven: false,
      withoutForm,
    }).map(({ key }) => key);
  assert.deepEqual(keys({}), ['noRecipients']);
  assert.deepEqual(keys({ to: ['nobody'] }), ['badAddress']);
  assert.deepEqual(keys({ to: ['bob@here.test'] }), []);
  assert.deepEqual(keys({ to: ['bob@there.test'], subject: ' ' }), ['noSubject', 'outside']);
  assert.deepEqual(keys({ to: ['bob@here.test'], text: '添付をご確認ください' }), ['noAttachment']);
  assert.deepEqual(
    keys({ to: ['bob@here.test'], text: 'Thanks\n\n> see attached' }, '\n\n> see attached'),
    [],
  );
  assert.deepEqual(keys({ to: Array.from({ length: 21 }, (_, i) => `u${i}@here.test`) }), ['manyOpen']);
  assert.deepEqual(keys({ cc: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}@${name}.test`) }), [
    'manyOpen',
    'outside',
  ]);
  assert.deepEqual(keys({ to: ['bob@here.test'], text: '添付なしで失礼します' }), []);
  assert.deepEqual(keys({ to: ['bob@here.test'], charset: 'iso-2022-jp' }, '', 1), ['noForm']);
});
