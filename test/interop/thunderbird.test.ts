/** Thunderbird: finds the mailboxes, reads Japanese mail, marks, moves and deletes, is told of new mail, and sends. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { ImapFlow } from 'imapflow';
import { compose, composeJapanese } from './mail.ts';
import { eventually, freePort, needing } from './programs.ts';
import { Thunderbird } from './thunderbird.ts';
import { alice, bob, hostname, World } from './world.ts';

suite('Thunderbird', needing('thunderbird'), () => {
  const peers = new AsyncDisposableStack();
  let http = 0;
  const outside = { imaps: 0, submission: 0 };
  let world: World;
  let reader: ImapFlow;
  let thunderbird: Thunderbird;

  before(async () => {
    http = await freePort();
    const listeners = [
      { kind: 'http', host: '127.0.0.1', port: http },
      // Only what others can reach is told to mailers.
      { kind: 'imaps', host: '0.0.0.0', port: (outside.imaps = await freePort()) },
      { kind: 'submission', host: '0.0.0.0', port: (outside.submission = await freePort()) },
    ];
    world = peers.use(await World.start({ listeners }));
    reader = await world.reader(alice);
    peers.defer(() => reader.logout());
    await reader.append('INBOX', composeJapanese(bob, alice));
    for (const subject of ['one', 'two', 'three'])
      await reader.append('INBOX', compose({ from: bob, to: alice, subject }));
    await reader.mailboxCreate('仕事/資料');
    thunderbird = peers.use(await Thunderbird.start(world, alice));
  });
  after(() => peers.disposeAsync());

  /** Subjects and flags of a mailbox, as the server has them. */
  async function flagsIn(mailbox: string): Promise<Record<string, string[]>> {
    const box = await reader.mailboxOpen(mailbox);
    const found = box.exists === 0 ? [] : await reader.fetchAll('1:*', { envelope: true, flags: true });
    return Object.fromEntries(
      found.map(({ envelope, flags }) => [
        envelope!.subject!,
        [...flags!].filter((flag) => flag !== '\\Recent').toSorted(),
      ]),
    );
  }

  test('finds mails and mailboxes, special ones by their use, Japanese ones by their names', async () => {
    const subjects = await thunderbird.run(
      'await update(inbox); return [...inbox.messages].map((one) => one.mime2DecodedSubject);',
    );
    assert.deepEqual(subjects, ['打診', 'one', 'two', 'three']);
    const names = await thunderbird.run(`
      account.incomingServer.performExpand(null);
      await until(() => root.descendants.length >= 8);
      const uses = ['Drafts', 'SentMail', 'Trash', 'Junk', 'Archive'].map((use) => root.getFolderWithFlags(Ci.nsMsgFolderFlags[use])?.URI);
      return [...root.descendants.map((one) => decodeURIComponent(one.URI)), ...uses.map((one) => one?.split('/').at(-1))];`);
    const at = `imap://${alice}@localhost`;
    const expected = ['INBOX', 'Archive', 'Drafts', 'Junk', 'Sent', 'Trash', '仕事', '仕事/資料'].map(
      (name) => `${at}/${name}`,
    );
    assert.deepEqual(
      (names as string[]).toSorted(),
      [...expected, 'Drafts', 'Sent', 'Trash', 'Junk', 'Archive'].toSorted(),
    );
  });

  test('reads a mail in ISO-2022-JP with its attachment', async () => {
    const read = await thunderbird.run(`
      const { MsgHdrToMimeMessage } = ChromeUtils.importESModule('resource:///modules/gloda/MimeMessage.sys.mjs');
      const header = bySubject(inbox, '打診');
      const mail = await new Promise((resolve) => MsgHdrToMimeMessage(header, null, (_, mime) => resolve(mime), true, {}));
      return [header.mime2DecodedAuthor, mail.coerceBodyToPlaintext(inbox).trim(), mail.allAttachments.map((one) => one.name)];`);
    assert.deepEqual(read, [`山田 <${bob}>`, 'こんにちは、世界。', ['資料.csv']]);
  });

  test('marks, moves and deletes', async () => {
    await thunderbird.run(`
      inbox.markMessagesRead([bySubject(inbox, '打診')], true);
      inbox.markMessagesFlagged([bySubject(inbox, 'one')], true);
      inbox.addKeywordsToMessages([bySubject(inbox, 'one')], '$label1');
      const target = root.descendants.find((one) => decodeURIComponent(one.URI).endsWith('/仕事/資料'));
      await new Promise((resolve, reject) => MailServices.copy.copyMessages(inbox, [bySubject(inbox, 'two')], target, true, {
        onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId: () => null,
        onStopCopy: (status) => (status === 0 ? resolve() : reject(new Error('status ' + status))),
      }, null, false));
      inbox.deleteMessages([bySubject(inbox, 'three')], null, false, true, null, false);
      await until(() => !bySubject(inbox, 'three'));`);
    await eventually('the server knows of all', async () => {
      const [inbox, papers, trash] = [
        await flagsIn('INBOX'),
        await flagsIn('仕事/資料'),
        await flagsIn('Trash'),
      ];
      return (
        inbox['打診']?.includes('\\Seen') === true &&
        inbox['one']?.includes('\\Flagged') === true &&
        inbox['one'].includes('$label1') &&
        !('two' in inbox) &&
        !('three' in inbox) &&
        'two' in papers &&
        'three' in trash
      );
    });
  });

  test('is told of new mail while it idles', async () => {
    const mailer = world.mailer(bob);
    await mailer.sendMail({ from: bob, to: alice, subject: 'news', text: 'x' });
    mailer.close();
    await thunderbird.run("await until(() => bySubject(inbox, 'news'));");
  });

  test('sends in UTF-8, and keeps a copy', async () => {
    await thunderbird.run(
      `const identity = MailServices.accounts.getIdentity('id1');
      const fields = Cc['@mozilla.org/messengercompose/composefields;1'].createInstance(Ci.nsIMsgCompFields);
      Object.assign(fields, { from: '有栖 <' + identity.email + '>', to: args[0], subject: args[1], body: args[2], forcePlainText: true });
      const params = Cc['@mozilla.org/messengercompose/composeparams;1'].createInstance(Ci.nsIMsgComposeParams);
      Object.assign(params, { composeFields: fields, identity, format: Ci.nsIMsgCompFormat.PlainText });
      const draft = MailServices.compose.initCompose(params);
      await draft.sendMsg(Ci.nsIMsgCompDeliverMode.Now, identity, 'account1', null, null);`,
      bob,
      '件名',
      '本文です。\n.\n',
    );
    const mail = await world.mail(bob, 'User-Agent: Mozilla Thunderbird');
    assert.equal(mail.field('subject'), '=?UTF-8?B?5Lu25ZCN?=');
    assert.match(mail.body.toString(), /^本文です。\r\n\.\r\n/);
    assert.match(mail.field('received')!, /with ESMTPSA/);
    const copy = await world.mail(alice, 'User-Agent: Mozilla Thunderbird', 'Sent');
    assert.equal(copy.field('message-id'), mail.field('message-id'));
  });

  test('sets itself up by what the server publishes, in its own form and in that of Outlook', async () => {
    const found = await thunderbird.run(
      `const { fetchHTTP } = ChromeUtils.importESModule('resource:///modules/accountcreation/FetchHTTP.sys.mjs');
      const { readFromXML } = ChromeUtils.importESModule('resource:///modules/accountcreation/readFromXML.sys.mjs');
      const [base, address] = args;
      const xml = await fetchHTTP(base + '/mail/config-v1.1.xml', { urlArgs: { emailaddress: address } });
      const config = readFromXML(xml, 'test');
      const of = ({ type, hostname, port, socketType, auth, username }) => [type, hostname, port, socketType, auth, username];
      const outlook = await fetchHTTP(base + '/autodiscover/autodiscover.xml', {
        post: true,
        headers: { 'Content-Type': 'text/xml; charset=utf-8' },
        uploadBody: '<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>' + address + '</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>',
      });
      return {
        complete: config.isComplete(),
        domains: config.domains,
        incoming: of(config.incoming),
        outgoing: of(config.outgoing),
        outlook: outlook.Autodiscover.Response.Account.$Protocol.map((one) => [one.Type, one.Server, one.Port, one.LoginName].join(' ')),
      };`,
      `http://127.0.0.1:${http}`,
      alice,
    );
    const [ssl, startTls, password] = [3, 2, 3];
    assert.deepEqual(found, {
      complete: true,
      domains: ['hikyaku.example'],
      incoming: ['imap', hostname, outside.imaps, ssl, password, '%EMAILADDRESS%'],
      outgoing: ['smtp', hostname, outside.submission, startTls, password, '%EMAILADDRESS%'],
      outlook: [
        `IMAP ${hostname} ${outside.imaps} ${alice}`,
        `SMTP ${hostname} ${outside.submission} ${alice}`,
      ],
    });
  });
});
