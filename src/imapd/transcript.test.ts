/** Conversations written down for one account: whole, but for secrets and mail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld, password } from '../../test/interop/imap-world.ts';
import { simple } from '../mailbox/testing.ts';
import { Transcript } from './transcript.ts';

test('what is said both ways is there; passwords, messages and literals are not', async () => {
  const kept: string[] = [];
  let ended = 0;
  await using world = await openImapWorld({
    transcripts: { open: () => ({ line: (text) => void kept.push(text), end: () => void (ended += 1) }) },
  });
  const alice = world.accounts.get('alice')!;
  const [inbox] = await world.mailboxes.list(alice);
  await world.mailboxes.append(alice, inbox!.id, [simple('hidden')]);
  await converse(
    (await world.sessions('alice', 'a'))['a']!,
    '\nC: a NOOP\nS: a OK ...\nC: b LOGOUT\nS* b OK ...',
  );
  assert.equal(kept.length, 0);
  await world.mailboxes.access.setSetting(alice, 'transcript.until', String(world.clock.nowMs() + 60_000));
  const { a } = await world.sessions('alice', 'a');
  await converse(
    a!,
    `
    C: a SELECT INBOX
    S* a OK ...
    C: b FETCH 1 BODY.PEEK[]
    S* b OK ...
    C: c APPEND Drafts (\\Draft) {11+}
    C~ secret mail\\r\\n
    S* c OK ...
    C: d SETMETADATA INBOX (/private/comment {6+}
    C~ secret)\\r\\n
    S: d OK ...
    C: e IDLE
    S: + idling
    C: DONE
    S: e OK ...
    C: i LOGIN alice@here.test "secret"
    S: i BAD ...
    C: LOGIN alice@here.test secret
    S: LOGIN BAD ...
    C: j AUTHENTICATE PLAIN AHNlY3JldA==
    S: j BAD ...
    C: AHNlY3JldA==
    S: AHNlY3JldA== BAD ...
    C: f UNAUTHENTICATE
    S: f OK ...
    C: g LOGIN alice@here.test "${password}"
    S* g OK ...
    C: h NOOP
    S: h OK ...
    `,
  );
  const text = kept.join('\n');
  for (const line of [
    'C: a SELECT INBOX',
    'S: * 1 EXISTS',
    'C: b FETCH 1 BODY.PEEK[]',
    'S: b OK FETCH completed',
    'C: c APPEND Drafts (\\Draft) ',
    'C: (11 octets)',
    'C: d SETMETADATA INBOX (/private/comment {6}...)',
    'C: (a line)',
    'C: h NOOP',
  ])
    assert(kept.includes(line), `${line}\n${text}`);
  assert.match(text, /S: \* 1 FETCH \(BODY\[\] \{\d+\}\.\.\.\)/);
  assert.doesNotMatch(text, /secret|hidden|correct horse|AHNlY3JldA/);
  assert(ended >= 1);
});

test('however what is said is cut, literals are left out', () => {
  const wire = '* 1 FETCH (A {5}\r\nse\r\nc B {3}\r\nret C "x")\r\nt OK done\r\n';
  for (let at = 0; at <= wire.length; at++) {
    const kept: string[] = [];
    using transcript = new Transcript({ line: (text) => void kept.push(text), end: () => undefined });
    transcript.said(wire.slice(0, at));
    transcript.said(wire.slice(at));
    assert.deepEqual(kept, ['S: * 1 FETCH (A {5}... B {3}... C "x")', 'S: t OK done']);
  }
});
