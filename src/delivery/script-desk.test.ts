/** Scripts over mail that is there: what they would do, and doing it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../base/refusal.ts';
import { programOf, type RunnableScript } from '../sieve/script.ts';
import type { MailOwner } from './sieve/rehearsal.ts';
import { ScriptWorld } from './sieve/testing.ts';

function on(name: string, body: (world: ScriptWorld, owner: MailOwner) => Promise<void>): void {
  test(name, async () => {
    await using world = await ScriptWorld.open();
    const id = world.accounts['alice']!;
    await body(world, { id, org: world.t.org.id, name: 'alice@here.test', displayName: 'Alice' });
  });
}

function draft(text: string): RunnableScript {
  const source = Buffer.from(text);
  return { owner: 'account:alice', name: 'draft', stage: 'active', source, program: programOf(source) };
}

/** 請求書 */
const bill = '=?utf-8?B?6KuL5rGC5pu4?=';
const mail = (subject: string, to = 'alice@here.test'): string =>
  `From: Bob <bob@there.test>\nTo: ${to}\nSubject: ${subject}\n\nHi.\n`;

async function fill(world: ScriptWorld, ...subjects: readonly string[]): Promise<void> {
  for (const subject of subjects) await world.deliver({ text: mail(subject) });
}

on(
  'a draft is tried over a mailbox, the newest first, in pieces, and nothing is done',
  async (world, owner) => {
    await fill(world, 'one', bill, 'three');
    const script = draft(
      'require ["fileinto", "envelope"];\n# rule:[bills]\nif allof (header "subject" "請求書", envelope "from" "bob@there.test", envelope "to" "alice@here.test") { fileinto "Bills"; redirect "x@there.test"; }',
    );
    const first = await world.desk.test(owner, script, { mailbox: 'inbox', max: 2 }, true);
    assert.deepEqual(
      first.items.map(({ subject, from, kept }) => [subject, from, kept]),
      [
        ['three', 'bob@there.test', true],
        ['請求書', 'bob@there.test', false],
      ],
    );
    assert.deepEqual(first.items[1]!.actions, [
      { action: 'filed', detail: 'Bills', rule: 'bills', line: 3 },
      { action: 'redirected', detail: 'x@there.test', rule: 'bills', line: 3 },
    ]);
    assert.ok(
      first.items[0]!.steps.some(({ what, result, line }) => what === 'header' && !result && line === 3),
    );
    const rest = await world.desk.test(owner, script, { mailbox: 'INBOX', max: 2, before: first.next! });
    assert.deepEqual([rest.items.map(({ subject }) => subject), rest.next], [['one'], undefined]);
    assert.deepEqual(await world.mail('alice'), { INBOX: ['one', bill, 'three'] });
    assert.deepEqual(world.elsewhere.texts, []);
  },
);

on('a message that is given is tried, with its envelope, and every step is told', async (world, owner) => {
  const script = draft('require "envelope"; if envelope "from" "c@there.test" { discard; } else { bogus; }');
  assert.equal(script.program, undefined);
  const given = {
    message: Buffer.from(mail('x').replaceAll('\n', '\r\n')),
    envelope: { from: 'c@there.test' },
  };
  const broken = await world.desk.testGiven(owner, script, given);
  assert.equal(broken.problem?.code, 'scriptInvalid');
  const sound = draft('require "envelope"; if envelope "from" "c@there.test" { discard; }');
  const { actions, kept, steps, from } = await world.desk.testGiven(owner, sound, given);
  assert.deepEqual([actions.map(({ action }) => action), kept], [['discarded'], false]);
  assert.deepEqual(
    steps.map(({ what }) => what),
    ['envelope', 'discard'],
  );
  assert.equal(from, 'Bob <bob@there.test>');
});

on('a script is applied: mail is filed, copied, flagged, and thrown into the trash', async (world, owner) => {
  await fill(world, 'move', 'copy', 'flag', 'trash', 'send', 'broken', 'stay');
  const script = draft(`require ["fileinto", "copy", "imap4flags", "vacation", "variables"];
    if header "subject" "move" { fileinto :flags "\\\\Seen" "Moved/Deep"; fileinto "Also"; }
    elsif header "subject" "copy" { fileinto :copy "Copied"; }
    elsif header "subject" "flag" { addflag "work"; }
    elsif header "subject" "trash" { discard; }
    elsif header "subject" "send" { vacation "away"; redirect "x@there.test"; }
    elsif header "subject" "broken" { fileinto "Moved"; redirect "\${none}"; }
    else { fileinto "INBOX"; }`);
  const { items, next } = await world.desk.apply(owner, script, { mailbox: 'INBOX', max: 100 });
  assert.equal(next, undefined);
  assert.equal(items.find(({ subject }) => subject === 'broken')?.problem?.code, 'addressInvalid');
  assert.deepEqual(await world.mail('alice'), {
    INBOX: ['copy', 'flag', 'send', 'broken', 'stay'],
    Also: ['move'],
    Copied: ['copy'],
    'Moved/Deep': ['move'],
    Trash: ['trash'],
  });
  const found = async (name: string) => (await world.mailboxes.find(owner.id, name))!;
  assert.equal((await found('Moved/Deep')).unseen, 0);
  assert.deepEqual((await found('INBOX')).keywords, ['work']);
  assert.deepEqual(world.elsewhere.texts, []);
  const again = await world.desk.apply(owner, script, { mailbox: 'Moved/Deep', max: 100 });
  assert.equal(again.items.length, 1);
  assert.deepEqual((await world.mail('alice'))['Moved/Deep'], ['move']);
});

on('a mailbox that is not there', async (world, owner) => {
  await assert.rejects(
    world.desk.test(owner, draft('keep;'), { mailbox: 'Nowhere', max: 1 }),
    (error: unknown) => error instanceof Refusal && error.reason === 'mailboxNotFound',
  );
});
