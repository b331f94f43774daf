/** Two whole servers: one sees mail in the name of the other's domain, and reports it, by mail and by HTTPS; the other reads what it is told. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { testAuthority } from '../../src/net/testing-authority.ts';
import { ImapClient } from '../interop/imap-client.ts';
import { password, RunningServer } from '../running-server.ts';

async function until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const found = await ask();
    if (found !== undefined) return found;
    await wait(50);
  }
  return assert.fail(`${what}: in vain`);
}

/** Texts of the mails in a mailbox, once there are so many. */
const mails = (port: number, mailbox: string, count: number): Promise<string[]> =>
  until(`${count} mails in ${mailbox}`, async () => {
    using client = await ImapClient.open(port, 'alice@here.test', password);
    if (!(await client.say(`EXAMINE ${mailbox}`)).status.startsWith('OK')) return undefined;
    const { untagged } = await client.say('FETCH 1:* (BODY.PEEK[])');
    const texts = untagged
      .filter(([, word]) => word === 'FETCH')
      .map(([, , items]) => (items as unknown as string[])[1]!);
    return texts.length >= count ? texts : undefined;
  });

test('one server reports to another: DMARC by mail, TLS by mail and by HTTPS; it shows who sends, and says why not to reject yet', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-reports-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const authority = await testAuthority('Reports');
  const { chain, key } = await authority.issue({ names: ['mx.here.test'] });
  const files = {
    roots: join(folder, 'roots.pem'),
    certificate: join(folder, 'c.pem'),
    key: join(folder, 'k.pem'),
  };
  writeFileSync(files.roots, authority.certificate);
  writeFileSync(files.certificate, chain);
  writeFileSync(files.key, key);
  const record = {
    name: '_dmarc.here.test',
    type: 'TXT',
    data: 'v=DMARC1; p=none; rua=mailto:dmarc-reports@here.test',
  };

  await using here = await RunningServer.start({
    // Another address than that of the other server, which would take itself for it.
    listeners: { mx: { host: '127.0.0.2' }, imap: {}, https: { host: '127.0.0.2' } },
    settings: {
      imap: { plainTextLogin: true },
      tls: { certificates: [{ certificate: files.certificate, key: files.key }] },
      dns: { zone: [record] },
    },
    accounts: ['alice@here.test'],
  });
  here.command('role', 'add', 'alice@here.test', 'owner');
  const httpsPort = here.port('https');
  await using there = await RunningServer.start({
    listeners: { mx: {} },
    settings: {
      hostname: 'mx.there.test',
      delivery: { port: here.port('mx'), ownNetworksAllowed: true, authorities: files.roots },
      dns: {
        zone: [
          record,
          { name: 'here.test', type: 'MX', data: '10 mx.here.test' },
          { name: 'mx.here.test', type: 'A', data: '127.0.0.2' },
          {
            name: '_smtp._tls.here.test',
            type: 'TXT',
            data: `v=TLSRPTv1; rua=mailto:tls-reports@here.test,https://mx.here.test:${httpsPort}/reports/tls`,
          },
        ],
      },
      reports: { organisation: 'There Ltd.' },
    },
    accounts: ['bob@there.test'],
  });
  there.command('dkim', 'rotate', 'there.test');

  const transport = createTransport({
    host: '127.0.0.1',
    port: there.port('mx'),
    name: 'forger.test',
    ignoreTLS: true,
  });
  const send = (subject: string, more = ''): Promise<unknown> =>
    transport.sendMail({
      envelope: { from: 'x@forger.test', to: ['bob@there.test'] },
      raw: `From: ceo@here.test\r\nTo: bob@there.test\r\nSubject: ${subject}\r\nMessage-ID: <${subject.length}@x.test>\r\n${more}\r\nHello\r\n`,
    });
  await send('Pay now');
  await send('Pay at once');
  await send(
    'Report Domain: there.test Submitter: here.test Report-ID: <1>',
    'Auto-Submitted: auto-generated\r\n',
  );

  const day = new Date().toISOString().slice(0, 10);
  assert.match(there.command('report', 'send', day), /^1 report$/m);
  const [dmarc] = await mails(here.port('imap'), 'Reports', 1);
  assert.match(dmarc!, /^To: dmarc-reports@here\.test\r$/m);
  assert.match(dmarc!, /^From: "?There Ltd\."? <postmaster@there\.test>\r$/m);
  assert.match(dmarc!, /^Return-Path: <>\r$/m);
  assert.match(dmarc!, /^DKIM-Signature: [^]*?d=there\.test/m);

  const shown = here.command('dmarc', 'report', 'here.test');
  assert.match(shown, /There Ltd\. +2 +0 +p=none/, 'the report about reports is not counted');
  assert.match(here.command('dmarc', 'sources', 'here.test'), /^127\.0\.0\.1 +2 +0 +0 +0/m);
  const path = here.tryCommand('dmarc', 'path', 'here.test');
  assert.equal(path.status, 1);
  assert.match(
    path.said,
    /1 reports of 1 receivers, [^]*p=reject is not safe yet:\n- Reports are about 1 days: wait until they are about 14\./,
  );

  // The session of that mail is what the TLS report is about.
  await until('a TLS report', () =>
    /^1 report$/m.test(there.command('report', 'send', day)) ? true : undefined,
  );
  const both = await mails(here.port('imap'), 'Reports', 2);
  const tls = both.find((text) => text.includes('tls-reports@here.test'))!;
  assert.match(tls, /^TLS-Report-Domain: here\.test\r$/m);
  assert.match(tls, /^Content-Type: multipart\/report;\s+report-type="?tlsrpt"?/m);
  assert.match(here.command('tls', 'report', 'here.test'), /There Ltd\. +1 +0 +no-policy-found/);
  const sent = there.command('report', 'sent');
  assert.match(sent, /tls +here\.test +sent +tls-reports@here\.test https:\/\/mx\.here\.test/);
  assert.match(sent, /dmarc +here\.test +sent +dmarc-reports@here\.test/);
  assert.match(there.command('report', 'send', day), /^0 reports$/m, 'nothing is sent twice');
});
