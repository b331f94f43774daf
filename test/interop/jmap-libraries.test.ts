/** JMAP libraries of npm, as they are, against the whole program: jmap-jam and jmap-client-ts list, write, upload, send, and hear what has changed. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Client } from 'jmap-client-ts';
import { FetchTransport } from 'jmap-client-ts/lib/utils/fetch-transport.js';
import { eventually, freePort } from './programs.ts';
import { alice, bob, World } from './world.ts';

// What libraries of types know less of than we do.
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

/** Its types are sources that this compiler's settings refuse. */
const jam: string = 'jmap-jam';

suite('JMAP libraries of npm', { timeout: 180_000 }, () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  let sessionUrl: string;
  before(async () => {
    const port = await freePort();
    world = peers.use(await World.start({ listeners: [{ kind: 'http', host: '127.0.0.1', port }] }));
    sessionUrl = `http://127.0.0.1:${port}/.well-known/jmap`;
  });
  after(() => peers.disposeAsync());

  const jamFor = async (account: string): Promise<Any> => {
    const { default: JamClient } = await import(jam);
    return new JamClient({ bearerToken: await world.apiKey(account, ['mail:http', 'send']), sessionUrl });
  };

  test('jmap-jam: mailboxes, a draft that is sent in one request, and what its recipient reads', async () => {
    const client = await jamFor(alice);
    const accountId = await client.getPrimaryAccount();
    const [boxes] = await client.api.Mailbox.get({ accountId });
    const byRole = (role: string): string => boxes.list.find((box: Any) => box.role === role).id;
    const [identities] = await client.api.Identity.get({ accountId });
    assert.equal(identities.list[0].email, alice);
    const [{ created, sent }] = await client.requestMany((t: Any) => {
      const written = t.Email.set({
        accountId,
        create: {
          draft: {
            mailboxIds: { [byRole('drafts')]: true },
            keywords: { $draft: true },
            from: [{ name: '有栖', email: alice }],
            to: [{ name: null, email: bob }],
            subject: '件名',
            textBody: [{ partId: 'text', type: 'text/plain' }],
            bodyValues: { text: { value: '本文\n' } },
          },
        },
      });
      const submitted = t.EmailSubmission.set({
        accountId,
        create: { send: { emailId: '#draft', identityId: identities.list[0].id } },
        onSuccessUpdateEmail: {
          '#send': {
            [`mailboxIds/${byRole('drafts')}`]: null,
            [`mailboxIds/${byRole('sent')}`]: true,
            'keywords/$draft': null,
          },
        },
      });
      return { created: written, sent: submitted };
    });
    assert.ok(created.created?.draft.id, JSON.stringify(created));
    // Of two answers to one call the library tells the last: that of the emails (RFC 8621, 7.5).
    assert.deepEqual(Object.keys(sent.updated), [created.created.draft.id], JSON.stringify(sent));
    const [inSent] = await client.api.Email.query({ accountId, filter: { inMailbox: byRole('sent') } });
    assert.deepEqual(inSent.ids, [created.created.draft.id]);
    const reader = await jamFor(bob);
    const mine = await reader.getPrimaryAccount();
    const found = await eventually('it has come', async () => {
      const [{ query, emails }] = await reader.requestMany((t: Any) => {
        const asked = t.Email.query({ accountId: mine, filter: { subject: '件名' } });
        const got = t.Email.get({
          accountId: mine,
          ids: asked.$ref('/ids'),
          properties: ['from', 'subject', 'textBody', 'bodyValues'],
          fetchTextBodyValues: true,
        });
        return { query: asked, emails: got };
      });
      return query.ids.length === 1 && emails.list[0];
    });
    assert.deepEqual(found.from, [{ name: '有栖', email: alice }]);
    assert.equal(found.bodyValues[found.textBody[0].partId].value, '本文\n');
  });

  test('jmap-jam: blobs go up and come back; errors of methods are told', async () => {
    const client = await jamFor(alice);
    const accountId = await client.getPrimaryAccount();
    const { blobId, size, type } = await client.uploadBlob(
      accountId,
      new Blob(['資料'], { type: 'text/plain' }),
    );
    assert.deepEqual([size, type], [6, 'text/plain']);
    const response = await client.downloadBlob({
      accountId,
      blobId,
      mimeType: 'text/plain',
      fileName: '資料.txt',
    });
    assert.equal(await response.text(), '資料');
    await assert.rejects(client.api.Email.query({ accountId, anchor: 'none' }), (thrown: Any) =>
      JSON.stringify(thrown).includes('anchorNotFound'),
    );
  });

  test('jmap-client-ts: lists, writes, changes and destroys, and is told of each', async () => {
    const client = new Client({
      sessionUrl,
      accessToken: await world.apiKey(alice, ['mail:http']),
      transport: new FetchTransport((url, { method, body, headers }) =>
        fetch(url, {
          method,
          ...(method === 'POST' && { body }),
          headers: { ...headers, ...(method === 'POST' && { 'Content-Type': 'application/json' }) },
        }),
      ),
    });
    await client.fetchSession();
    const accountId = client.getFirstAccountId();
    const { list } = await client.mailbox_get({ accountId, ids: null });
    const inbox = list.find(({ role }) => role === 'inbox')!;
    const { state } = await client.email_get({ accountId, ids: [], properties: ['id'] } as Any);
    const made = (await client.mailbox_set({ accountId, create: { n: { name: 'Projekt' } } })) as Any;
    const folder = made.created.n.id as string;
    const written = (await client.email_set({
      accountId,
      create: {
        a: {
          mailboxIds: { [inbox.id]: true },
          subject: 'By jmap-client-ts',
          textBody: [{ partId: '1', type: 'text/plain' }],
          bodyValues: { '1': { value: 'x' } },
        },
      },
    } as Any)) as Any;
    const { id } = written.created.a;
    await client.email_set({
      accountId,
      update: { [id]: { mailboxIds: { [folder]: true }, 'keywords/$seen': true } },
    });
    const query = await client.email_query({ accountId, filter: { inMailbox: folder } });
    assert.deepEqual(query.ids, [id]);
    const changes = await client.email_changes({ accountId, sinceState: state });
    assert.deepEqual([changes.created, changes.destroyed], [[id], []]);
    const gone = (await client.email_set({ accountId, destroy: [id] })) as Any;
    assert.deepEqual(gone.destroyed, [id]);
    const boxes = await client.mailbox_changes({ accountId, sinceState: made.newState });
    assert.deepEqual(boxes.updated.toSorted(), [inbox.id, folder].toSorted());
  });
});
