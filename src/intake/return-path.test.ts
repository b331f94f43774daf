/** Who may write to the addresses to which what we have sent comes back, and what programs' mail says of complaints (RFC 9477). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../directory/principal.ts';
import type { Resolution } from '../directory/resolution.ts';
import { parseMailbox } from '../proto/smtp/path.ts';
import type { IntakeParts } from './intake.ts';
import { fromInside, type SessionInfo } from './session-info.ts';
import { alice, TestDirectory, testIntake } from './testing.ts';

const stranger: SessionInfo = {
  via: 'mx',
  ip: '192.0.2.9',
  helo: 'there.test',
  protocol: 'ESMTP',
  tls: null,
  principal: undefined,
  trusted: false,
};
const returnPath = 'SRS0=x=there.test=bob@here.test';

class WithReturnPaths extends TestDirectory {
  override async resolve(address: string): Promise<Resolution> {
    if (address !== returnPath) return super.resolve(address);
    const { org } = alice;
    return { is: 'expanded', to: ['bob@there.test'], why: 'returnPath', org, address, mailboxDetail: '' };
  }
}

test('only reports come to a return path: from the null sender and from what mail systems call themselves', async () => {
  const { intake } = testIntake({}, { directory: new WithReturnPaths() });
  const write = async (sender: string): Promise<void> => {
    const from = sender === '' ? null : parseMailbox(sender)!;
    using mail = await intake.begin(stranger, { sender: from, params: {} });
    await mail.recipient(parseMailbox(returnPath)!, {});
  };
  for (const sender of ['', 'MAILER-DAEMON@mx.there.test', 'postmaster@there.test', 'bounce+x=1@there.test'])
    await write(sender);
  for (const sender of ['eve@evil.test', 'daemons@evil.test', 'my-postmaster@evil.test'])
    await assert.rejects(write(sender), { name: 'Refusal', reason: 'notAllowed' }, sender);
});

const program = (test: boolean): Principal => ({
  ...alice,
  application: { name: 'shop', kind: 'transactional', test } as unknown as NonNullable<
    Principal['application']
  >,
});

async function headerOf(principal: Principal, text = 'Subject: x\r\n\r\ny\r\n'): Promise<string> {
  const directory: IntakeParts['directory'] = Object.assign(new TestDirectory(), {
    complaintAddress: async ({ message }: { message: string }) => `fbl-${message}@bounce.here.test`,
  });
  const { intake, taken } = testIntake({}, { directory });
  const session = { ...fromInside, ...stranger, via: 'submission' as const, principal };
  using mail = await intake.begin(session, { sender: parseMailbox('alice@here.test')!, params: {} });
  await mail.recipient(parseMailbox('x@there.test')!, {});
  await mail.write(Buffer.from(text));
  const { id } = await mail.finish();
  return taken[0]!.text.replaceAll(id, 'ID');
}

test('mail of programs says where complaints about it go, that of people and of tests does not', async () => {
  const header = await headerOf(program(false));
  assert.match(header, /^CFBL-Address: fbl-ID@bounce\.here\.test; report=arf\r\nCFBL-Feedback-ID: ID\r\n/m);
  assert.doesNotMatch(await headerOf(alice), /CFBL/);
  assert.doesNotMatch(await headerOf(program(true)), /CFBL/);
  const own = await headerOf(program(false), 'CFBL-Address: own@here.test\r\n\r\ny\r\n');
  assert.deepEqual(own.match(/^CFBL-.*$/gm), ['CFBL-Address: own@here.test']);
});
