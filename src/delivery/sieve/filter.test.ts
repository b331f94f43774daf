import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailboxKeywordsMax } from '../../mailbox/flags.ts';
import { systemActor } from '../../directory/actor.ts';
import { testAttempt } from '../testing.ts';
import { plainText, ScriptWorld } from './testing.ts';

function on(name: string, body: (world: ScriptWorld) => Promise<void>): void {
  test(name, async () => {
    await using world = await ScriptWorld.open();
    await body(world);
  });
}

on('without a script mail goes into INBOX, and nothing is told of filters', async (world) => {
  await world.deliver();
  assert.deepEqual(await world.mail('alice'), { INBOX: ['Hello'] });
  assert.deepEqual(await world.told(), []);
});

on('fileinto makes the mailbox, sets flags, and is told with its rule', async (world) => {
  await world.script(
    'alice',
    'require ["fileinto", "imap4flags"];\n# rule:[Hellos]\nif header :contains "subject" "hello" { fileinto :flags ["\\\\Seen", "work"] "Lists/挨拶"; }',
  );
  await world.deliver();
  assert.deepEqual(await world.mail('alice'), { 'Lists/挨拶': ['Hello'] });
  const found = (await world.mailboxes.find(world.accounts['alice']!, 'Lists/挨拶'))!;
  assert.deepEqual([found.unseen, found.keywords], [0, ['work']]);
  assert.deepEqual(await world.told(), ['filed Lists/挨拶']);
  const hits = await world.scripts.hits({ is: 'account', id: world.accounts['alice']! }, 'main');
  assert.deepEqual(
    hits.map(({ line, name, count }) => [line, name, count]),
    [[3, 'Hellos', 1]],
  );
});

on('a copy, a keep and several mailboxes: each once', async (world) => {
  await world.script(
    'alice',
    'require ["fileinto", "copy"]; fileinto :copy "A"; fileinto "B"; fileinto "B"; keep;',
  );
  await world.deliver();
  assert.deepEqual(await world.mail('alice'), { INBOX: ['Hello'], A: ['Hello'], B: ['Hello'] });
});

on('what is thrown away is nowhere', async (world) => {
  await world.script('alice', 'discard;');
  await world.deliver({ recipient: { notify: ['success'] } });
  assert.deepEqual(await world.mail('alice'), {});
  assert.deepEqual(await world.told(), ['discarded']);
  assert.deepEqual(world.elsewhere.texts, []);
});

on('a redirect goes on with its sender, and says where it has been', async (world) => {
  await world.script('alice', 'redirect "x@there.test";');
  await world.deliver();
  assert.deepEqual(await world.mail('alice'), {});
  assert.equal(world.elsewhere.texts.length, 1);
  assert.match(world.elsewhere.texts[0]!, /^Delivered-To: alice@here\.test\r\n/);
  assert.ok(world.elsewhere.heard.some((line) => line.startsWith('MAIL FROM:<bob@there.test>')));
  assert.ok(world.elsewhere.heard.some((line) => line.startsWith('RCPT TO:<x@there.test>')));
  assert.deepEqual(await world.told(), ['redirected x@there.test']);
});

test('a redirect asks of the next server what the script says: notices, and a time to deliver by (RFC 6009)', async () => {
  await using world = await ScriptWorld.open(['PIPELINING', 'DSN', 'DELIVERBY']);
  await world.script(
    'alice',
    'require ["redirect-dsn", "redirect-deliverby"]; redirect :notify "SUCCESS,FAILURE" :ret "FULL" :bytimerelative 3600 :bymode "notify" :bytrace "x@there.test";',
  );
  await world.deliver();
  const { heard } = world.elsewhere;
  const mail = heard.find((line) => line.startsWith('MAIL FROM:<bob@there.test>'))!;
  assert.match(mail, / RET=FULL\b/);
  assert.match(mail, / BY=3(?:600|599|598);NT\b/);
  assert.match(heard.find((line) => line.startsWith('RCPT TO:<x@there.test>'))!, / NOTIFY=SUCCESS,FAILURE\b/);
});

on('a redirect with a copy, to somebody here and to oneself', async (world) => {
  await world.script('alice', 'require "copy"; redirect :copy "bob@here.test";');
  await world.deliver();
  assert.deepEqual(
    [await world.mail('alice'), await world.mail('bob')],
    [{ INBOX: ['Hello'] }, { INBOX: ['Hello'] }],
  );
  await world.script('carol', 'redirect "carol@here.test";');
  await world.deliver({ to: 'carol@here.test' });
  assert.deepEqual(await world.mail('carol'), { INBOX: ['Hello'] });
});

on('scripts that send to each other: the circle ends with a mail that is kept, and a note', async (world) => {
  await world.script('alice', 'redirect "bob@here.test";');
  await world.script('bob', 'redirect "alice@here.test";');
  await world.deliver();
  assert.deepEqual(await world.mail('alice'), {});
  const { INBOX } = await world.mail('bob');
  assert.deepEqual(INBOX!.sort(), ['Hello', 'Your filter script "main" has an error']);
});

on('a message that is changed is redirected and stored as it was then', async (world) => {
  await world.script(
    'alice',
    'require ["editheader", "fileinto", "copy"]; addheader "X-Seen" "yes"; redirect :copy "x@there.test"; fileinto "A";',
  );
  await world.deliver();
  assert.match(world.elsewhere.texts[0]!, /\r\nX-Seen: yes\r\n|^X-Seen: yes\r\n/);
  assert.match(await world.text('alice', 'A'), /X-Seen: yes\r\n/);
});

on('reject sends a notice with the reason; ereject lets the queue return it', async (world) => {
  await world.script('alice', 'require "reject"; reject "No thanks, 要りません";');
  await world.deliver();
  assert.deepEqual(await world.mail('alice'), {});
  const [notice] = world.elsewhere.texts;
  assert.match(notice!, /report-type=disposition-notification/);
  assert.match(notice!, /Disposition: automatic-action\/MDN-sent-automatically; deleted/);
  assert.ok(
    world.elsewhere.heard.includes('MAIL FROM:<>') ||
      world.elsewhere.heard.some((l) => l.startsWith('MAIL FROM:<> ')),
  );
  await world.script('alice', 'require "ereject"; ereject "Go away";');
  await world.deliver();
  const [, returned] = world.elsewhere.texts;
  assert.match(returned!, /550 5\.7\.1 Go away/);
  assert.match(returned!, /report-type=delivery-status/);
});

on('vacation answers once, from the address that was written to, and not to lists', async (world) => {
  await world.script('alice', 'require "vacation"; vacation "I am away.";');
  const to = (address: string, more = ''): string =>
    `From: b@there.test\nTo: ${address}\nSubject: Hi\n${more}\n\n`;
  await world.deliver({ to: 'info@here.test', text: to('info@here.test') });
  await world.deliver({ text: to('alice@here.test') });
  await world.deliver({ text: to('alice@here.test', 'List-Id: <x>\n'), from: 'other@there.test' });
  await world.deliver({ text: to('someone@there.test'), from: 'third@there.test' });
  await world.deliver({ from: '', text: to('alice@here.test') });
  assert.equal(world.elsewhere.texts.length, 1);
  assert.match(
    world.elsewhere.texts[0]!,
    /^From: alice <info@here\.test>\r\nTo: bob@there\.test\r\nSubject: Auto: Hi\r\n/m,
  );
  assert.deepEqual(await world.told(), [
    'replied bob@there.test',
    'silent lately',
    'silent list',
    'silent notAddressed',
    'silent nullSender',
  ]);
  assert.equal((await world.mail('alice'))['INBOX']!.length, 5);
});

on(
  'what a script answers or edits asks for the encryption that the mail asked for (RFC 8689, 6)',
  async (world) => {
    const text = 'From: bob@there.test\nTo: alice@here.test\nSubject: Secret\n\nHi.\n';
    await world.script('alice', 'require "vacation"; vacation "Away.";');
    await world.deliver({ text, message: { requireTls: true } });
    await world.script(
      'alice',
      'require ["editheader", "copy"]; addheader "X-A" "b"; redirect :copy "x@there.test";',
    );
    await world.deliver({ text, message: { requireTls: true } });
    assert.deepEqual(world.elsewhere.texts, [], 'the other server does not promise it');
    await world.deliver({ text, message: { tlsOptional: true } });
    assert.equal(world.elsewhere.texts.length, 1);
  },
);

on(
  'a script may not sign with an address that is not its owner’s; a copy of the reply is filed',
  async (world) => {
    await world.script(
      'alice',
      'require ["vacation", "fcc", "mailbox"]; vacation :from "boss@there.test" :fcc "Sent" :create "Away.";',
    );
    await world.deliver();
    assert.match(world.elsewhere.texts[0]!, /^From: alice <alice@here\.test>\r\n/m);
    assert.deepEqual(await world.mail('alice'), { INBOX: ['Hello'], Sent: ['Auto: Hello'] });
  },
);

on('notify writes to others', async (world) => {
  await world.script('alice', 'require "enotify"; notify :message "Mail!" "mailto:phone@there.test";');
  await world.deliver();
  assert.match(world.elsewhere.texts[0]!, /^Subject: Mail!\r\n/m);
  assert.deepEqual(await world.mail('alice'), { INBOX: ['Hello'] });
});

on('duplicate finds what came before', async (world) => {
  await world.script('alice', 'require ["duplicate", "fileinto"]; if duplicate { fileinto "Twice"; }');
  await world.deliver();
  await world.deliver();
  assert.deepEqual(await world.mail('alice'), { INBOX: ['Hello'], Twice: ['Hello'] });
});

on('tests of mailboxes, special uses, lists and annotations are answered', async (world) => {
  await world.script(
    'alice',
    `require ["mailbox", "special-use", "fileinto", "extlists", "mboxmetadata", "copy", "environment"];
     if not mailboxexists "Nowhere" { fileinto :copy "1"; }
     if specialuse_exists "\\\\Junk" { fileinto :copy :specialuse "\\\\Junk" "2"; }
     if address :list "to" ":addrbook:default" { fileinto :copy "3"; }
     if address :list "from" ":addrbook:default" { fileinto :copy "wrong"; }
     if not metadataexists "INBOX" "/private/comment" { fileinto :copy "4"; }
     if environment "domain" "here.test" { fileinto :copy "5"; }
     if header :list "to" "mailto:team@here.test" { fileinto :copy "6"; }
     discard;`,
  );
  await world.deliver();
  assert.deepEqual(Object.keys(await world.mail('alice')).sort(), ['1', '3', '4', '5', '6', 'Junk']);
});

on('administrators’ scripts run around that of the account', async (world) => {
  const org = world.t.org.id;
  await world.staged({ is: 'server' }, 'first', {
    source: 'require ["editheader", "imap4flags"]; addheader "X-First" "1"; addflag "first";',
    stage: 'before',
  });
  await world.staged({ is: 'org', id: org }, 'last', {
    source: 'require ["fileinto", "editheader"]; if header "X-Own" "1" { fileinto "Last"; }',
    stage: 'after',
  });
  await world.script('alice', 'require "editheader"; if header "x-first" "1" { addheader "X-Own" "1"; }');
  await world.deliver();
  assert.deepEqual(await world.mail('alice'), { Last: ['Hello'] });
  await world.deliver({ to: 'bob@here.test' });
  assert.deepEqual(await world.mail('bob'), { INBOX: ['Hello'] });
  assert.deepEqual((await world.mailboxes.find(world.accounts['bob']!, 'INBOX'))!.keywords, ['first']);
});

on('an error keeps the mail, undoes what was decided, and is told to the owner once a day', async (world) => {
  await world.script('alice', 'require ["fileinto", "ihave"];\nfileinto "A";\nerror "broken";');
  await world.deliver();
  await world.deliver();
  assert.deepEqual(await world.mail('alice'), {
    INBOX: ['Hello', 'Your filter script "main" has an error', 'Hello'],
  });
  assert.deepEqual(await world.told(), ['failed the script says: broken', 'failed the script says: broken']);
});

/** From now on no message of alice with another keyword goes into it. */
async function fillWithKeywords(world: ScriptWorld, mailbox: string): Promise<void> {
  for (let first = 0; first < mailboxKeywordsMax; first += 50) {
    const keywords = Array.from({ length: 50 }, (_, i) => `"k${first + i}"`);
    const source = `require ["fileinto", "imap4flags"]; fileinto :flags [${keywords.join()}] "${mailbox}";`;
    await world.script('alice', source);
    await world.deliver();
  }
}

on('a script that compiles no longer keeps the mail, and is told to its owner', async (world) => {
  await world.outdated('alice', 'nobodyKnowsThis;');
  await world.deliver();
  assert.deepEqual(await world.mail('alice'), {
    INBOX: ['Hello', 'Your filter script "main" has an error'],
  });
});

on(
  'a mailbox that takes nothing more: the mail is in INBOX once, whatever else was to be filed',
  async (world) => {
    await fillWithKeywords(world, 'Full');
    await world.script(
      'alice',
      'require ["vacation", "fcc", "fileinto", "copy", "imap4flags"]; vacation :fcc "Full" :flags "other" "Away."; fileinto :copy "A"; keep;',
    );
    await world.deliver();
    const { INBOX, A } = await world.mail('alice');
    assert.deepEqual([INBOX!.sort(), A], [['Auto: Hello', 'Hello'], undefined]);
  },
);

on('a mailbox whose name cannot be is an error, and the mail is kept', async (world) => {
  await world.script('alice', 'require "fileinto"; fileinto "a//b";');
  await world.deliver();
  assert.deepEqual((await world.mail('alice'))['INBOX']!.includes('Hello'), true);
});

on(
  'what is undone was not seen: a message that could not be sent on is no duplicate when it comes again',
  async (world) => {
    await world.script(
      'alice',
      'require ["duplicate", "fileinto"]; if duplicate { fileinto "Twice"; } else { redirect "info@there.test"; }',
    );
    const round = `Delivered-To: info@there.test\n${plainText}`;
    await world.deliver({ text: round });
    await world.deliver({ text: round });
    assert.deepEqual((await world.mail('alice'))['Twice'], undefined);
    assert.deepEqual(
      (await world.told()).map((told) => told.split(' ')[0]),
      ['failed', 'failed'],
    );
  },
);

on('a changed message that is sent on in a circle comes to an end', async (world) => {
  const edit =
    'require "editheader"; deleteheader "Delivered-To"; deleteheader "Received"; addheader "X" "y";';
  await world.script('alice', `${edit} redirect "bob@here.test";`);
  await world.script('bob', `${edit} redirect "alice@here.test";`);
  await world.deliver();
  assert.deepEqual(await world.mail('alice'), {});
  assert.deepEqual((await world.mail('bob'))['INBOX']!.sort(), [
    'Hello',
    'Your filter script "main" has an error',
  ]);
});

/** Redirects of a changed message to so many addresses. */
const spread = (addresses: readonly string[]): string =>
  `require "editheader"; addheader "X-\${a}" "y"; ${addresses.map((each) => `redirect "${each}";`).join(' ')}`;
const aliases = (name: string): string[] => Array.from({ length: 10 }, (_, i) => `${name}${i}@here.test`);

on(
  'accounts that send changed copies on to each other make no more of a message than its share',
  async (world) => {
    for (const name of ['alice', 'bob'])
      for (const address of aliases(name))
        await world.t.office.routes.create(
          systemActor,
          { org: world.t.org.id, kind: 'alias', address },
          { targets: [`${name}@here.test`] },
        );
    await world.script('alice', spread(aliases('bob')));
    await world.script('bob', spread(aliases('alice')));
    await world.deliver();
    // Ten copies, each of which may make nine more: not ten.
    const { INBOX } = await world.mail('bob');
    assert.equal(INBOX!.filter((subject) => subject === 'Hello').length, 10);
    assert.deepEqual(await world.mail('alice'), {});
    assert.match((await world.told()).at(-1)!, /^failed too many changed copies of the mail/);
  },
);

on('a share of changed copies goes on with plain redirects and aliases too', async (world) => {
  await world.script(
    'alice',
    'require "copy"; redirect :copy "team@here.test"; redirect :copy "carol@here.test";',
  );
  await world.script('bob', spread(['x@there.test']));
  await world.script('carol', spread(['x@there.test', 'y@there.test']));
  await world.deliver({ recipient: { copies: 3 } });
  assert.equal(world.elsewhere.texts.length, 1);
  assert.equal((await world.mail('carol'))['INBOX']![0], 'Hello');
  assert.deepEqual(await world.mail('bob'), {});
});

on('who is told of mail by mail is not told of that, whatever a script before it says', async (world) => {
  await world.script(
    'alice',
    'require "editheader"; deleteheader "Auto-Submitted"; addheader "Auto-Submitted" "no"; redirect "bob@here.test";',
  );
  await world.script('bob', 'require "enotify"; notify "mailto:alice@here.test";');
  await world.deliver({ to: 'bob@here.test' });
  assert.deepEqual(await world.mail('bob'), { INBOX: ['Hello', 'Hello'] });
  assert.deepEqual(await world.told(), [
    'notified alice@here.test',
    'redirected bob@here.test',
    'silent autoSubmitted',
  ]);
});

on('messages by way of a group and of an alias each decide', async (world) => {
  await world.script('alice', 'require "copy"; redirect :copy "x@there.test";');
  await world.deliver({ to: 'team@here.test' });
  await world.deliver({ to: 'info@here.test' });
  assert.equal((await world.mail('alice'))['INBOX']!.length, 2);
  assert.equal(world.elsewhere.texts.length, 2);
});

on('one message that reaches an account in two ways is sent on and answered once', async (world) => {
  await world.script(
    'alice',
    'require ["copy", "vacation"]; redirect :copy "x@there.test"; vacation "Away.";',
  );
  const attempt = testAttempt(['alice@here.test', 'Alice@here.test'], {
    site: 'local',
    sender: 'bob@there.test',
    text: plainText.replaceAll('\n', '\r\n'),
    recipient: { destination: 'local' },
  });
  const { outcomes } = await world.deliverer.deliver(attempt);
  const sent = outcomes.map((each) => [each.is === 'redirected' && each.to.length, each.sends?.length]);
  assert.deepEqual(
    sent.filter(([to]) => to === 1),
    [[1, 1]],
  );
  assert.equal(outcomes.flatMap(({ sends = [] }) => sends).length, 1);
  assert.deepEqual(await world.mail('alice'), { INBOX: ['Hello'] });
});

on('a circle in which every address is another one ends, too', async (world) => {
  const further = (to: string): string =>
    `require ["envelope", "subaddress", "variables"];
     if envelope :detail :matches "to" "*" { set "n" "\${1}"; } redirect "${to}+\${n}x@here.test";`;
  await world.script('alice', further('bob'));
  await world.script('bob', further('alice'));
  await world.deliver();
  const all = [await world.mail('alice'), await world.mail('bob')].flatMap((mail) => mail['INBOX'] ?? []);
  assert.deepEqual(all.sort(), ['Hello', 'Your filter script "main" has an error']);
  assert.equal((await world.told()).filter((told) => told.startsWith('redirected')).length, 10);
});

on('the envelope is that of the transaction, with what was asked of notices', async (world) => {
  await world.script(
    'alice',
    `require ["envelope", "envelope-dsn", "fileinto", "subaddress"];
     if allof (envelope "from" "bob@there.test", envelope :detail "to" "tag", envelope "notify" "FAILURE", envelope "envid" "E1")
     { fileinto "Yes"; }`,
  );
  await world.deliver({
    to: 'alice+tag@here.test',
    message: { envid: 'E1' },
    recipient: { notify: ['failure', 'delay'] },
  });
  assert.deepEqual(await world.mail('alice'), { Yes: ['Hello'] });
});

on('a delivery that is tried again ends as it did: in the mailbox, as the sender is told', async (world) => {
  await world.script('alice', 'require "fileinto"; fileinto "A";');
  const attempt = testAttempt(['alice@here.test'], { site: 'local', recipient: { destination: 'local' } });
  const first = (await world.deliverer.deliver(attempt)).outcomes[0]!;
  assert.ok(first.is === 'delivered' && first.notice === 'final');
  assert.deepEqual((await world.deliverer.deliver(attempt)).outcomes[0], first);
  assert.deepEqual(await world.mail('alice'), { A: ['Hello'] });
});

on('a delivery that is tried again decides nothing anew, whatever the script is by then', async (world) => {
  await world.script(
    'alice',
    `require ["vacation", "duplicate", "fileinto", "copy", "editheader"];
     fileinto :copy "A"; redirect :copy "x@there.test"; vacation "Away.";
     if duplicate { fileinto "Twice"; }
     addheader "X" "y"; redirect :copy "edited@there.test";`,
  );
  const attempt = testAttempt(['alice@here.test'], {
    site: 'local',
    sender: 'bob@there.test',
    text: plainText.replaceAll('\n', '\r\n'),
    recipient: { destination: 'local' },
  });
  const first = (await world.deliverer.deliver(attempt)).outcomes[0]!;
  await world.script('alice', 'redirect "other@there.test";');
  const again = (await world.deliverer.deliver(attempt)).outcomes[0]!;
  assert.deepEqual(again, first);
  assert.ok(first.is === 'redirected');
  assert.deepEqual(
    first.to.map(({ address }) => address),
    ['x@there.test'],
  );
  assert.deepEqual(
    first.sends!.map(({ submission }) => submission.recipients[0]!.address),
    ['bob@there.test', 'edited@there.test'],
  );
  assert.deepEqual(await world.mail('alice'), { INBOX: ['Hello'], A: ['Hello'] });
  assert.deepEqual((await world.told()).length, 4);
});
