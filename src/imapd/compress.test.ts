/** COMPRESS=DEFLATE (RFC 4978), as a client sees it. */
import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld } from '../../test/interop/imap-world.ts';
import { message } from '../mailbox/testing.ts';
import { DeflateSocket } from '../net/deflate.ts';

suite('COMPRESS', { concurrency: true }, () => {
  test('from behind the tagged OK on everything is compressed, and a second time is refused', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const [inbox] = await world.mailboxes.list(alice);
    const text = `Subject: large\n\n${'The same line again.\n'.repeat(20_000)}`;
    await world.mailboxes.append(alice, inbox!.id, [message(text)]);
    const { a } = await world.sessions('alice', 'a');
    await converse(
      a!,
      `
      C: a CAPABILITY
      S: * CAPABILITY ... COMPRESS=DEFLATE ...
      S: a OK ...
      C: b COMPRESS LZ4
      S: b NO ...
      C: c COMPRESS DEFLATE
      S: c OK ...
      `,
    );
    const compressed: Duplex = new DeflateSocket(a!);
    await converse(
      compressed,
      `
      C: d SELECT INBOX
      S* d OK ...
      C: e COMPRESS DEFLATE
      S: e NO [COMPRESSIONACTIVE] ...
      C: f CAPABILITY
      S: * CAPABILITY ...
      S: f OK ...
      C: g FETCH 1 BODY.PEEK[]
      S: * 1 FETCH (BODY[] {440018}
      S: Subject: large
      S* )
      S: g OK ...
      C: h IDLE
      S: + idling
      `,
    );
    await world.mailboxes.append(alice, inbox!.id, [message('Subject: new\n\nx\n')]);
    await converse(
      compressed,
      '\nS: * 2 EXISTS\nS: * ... RECENT\nC: DONE\nS: h OK ...\nC: i LOGOUT\nS: * BYE ...\nS: i OK ...',
    );
  });

  test('it needs a login', async () => {
    await using world = await openImapWorld();
    const client = world.connect();
    await converse(client, '\nS: * OK ...\nC: a COMPRESS DEFLATE\nS: a BAD Log in first');
    assert.equal(client.destroyed, false);
  });
});
