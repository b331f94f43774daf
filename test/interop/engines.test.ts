/** Outside engines that look at mail, the real ones: ClamAV, SpamAssassin and rspamd, each over its own protocol; and attachments made by others. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTransport } from 'nodemailer';
import { eicar, gtube, startClamd, startRspamd, startSpamd } from './daemons.ts';
import { eventually, needing, needingRoot, newFolder, run } from './programs.ts';
import { alice, World } from './world.ts';

/** DNS that knows nothing and answers at once: what engines find is all there is to find. */
const dns = { servers: ['127.0.0.1:1'], timeoutMs: 100 };

interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly attached?: string | Buffer;
  /** Of the attachment. */
  readonly name?: string;
}

/** What the MX says to it. */
async function deliver(world: World, { subject, text, attached, name = 'a.bin' }: Letter): Promise<string> {
  const outside = createTransport({ host: '127.0.0.1', port: world.port('mx'), ignoreTLS: true });
  try {
    const sent = await outside.sendMail({
      from: 'bob@sender.example',
      to: alice,
      subject,
      text,
      ...(attached === undefined ? {} : { attachments: [{ filename: name, content: attached }] }),
    });
    return sent.response;
  } catch (error) {
    return (error as { response?: string }).response ?? String(error);
  } finally {
    outside.close();
  }
}

test('a virus is refused with its name, also in an attachment; while clamd is away, mail is put off', {
  ...needingRoot('clamd'),
}, async () => {
  await using clamd = await startClamd();
  await using world = await World.start({
    settings: { dns, clamav: { address: clamd.address, failure: 'defer' } },
  });
  assert.match(
    await deliver(world, { subject: 'clean', text: 'Hello', attached: 'x'.repeat(400_000) }),
    /^250/,
  );
  for (const letter of [
    { subject: 'eicar', text: eicar },
    { subject: 'attached', text: 'See attached', attached: eicar },
    { subject: 'large', text: 'See attached', attached: `${' '.repeat(3_000_000)}${eicar}` },
  ])
    assert.match(await deliver(world, letter), /^550 5\.7\.1 .*Test\.Eicar/, letter.subject);
  const mailer = world.mailer(alice);
  await assert.rejects(
    mailer.sendMail({ from: alice, to: 'bob@elsewhere.example', subject: 'out', text: eicar }),
    /550 5\.7\.1 .*Test\.Eicar/,
  );
  mailer.close();
  await world.mail(alice, 'Subject: clean');
  // There is no DNS here, so the doctor has something to put right; this it has not.
  await assert.rejects(world.cli('doctor'), /ClamAV answers at .*\(ClamAV 1\./);
  await clamd.stop();
  assert.match(await deliver(world, { subject: 'later', text: 'Hello' }), /^451 4\.7\.1/);
  assert.match(world.log, /clamav/);
});

test('what SpamAssassin and rspamd say is in the sum, and shows in the header and the journey', {
  ...needingRoot('spamd', 'rspamd'),
}, async () => {
  await using spamd = await startSpamd();
  await using rspamd = await startRspamd();
  await using world = await World.start({
    settings: {
      dns,
      spamassassin: { address: spamd.address, weight: 2 },
      rspamd: { address: rspamd.address, weight: 5 },
      filters: { refuse: 50 },
    },
  });
  assert.match(await deliver(world, { subject: 'fine', text: 'How are you?' }), /^250/);
  assert.match(await deliver(world, { subject: 'spam', text: gtube }), /^250/);
  const spam = await world.mail(alice, 'Subject: spam', 'Junk');
  assert.match(spam.field('x-spam-status')!, /^Yes, .*spamassassin=6\.0/);
  assert.match(spam.field('x-spam-status')!, /rspamd=5\.0/);
  const fine = await world.mail(alice, 'Subject: fine');
  assert.equal(fine.field('x-spam-flag'), undefined);
  const [, id] = / id ([\w-]+)/.exec(spam.fields('received')[0]!)!;
  const journey = await world.cli('journey', id!);
  assert.match(journey, /spamassassin.*GTUBE/);
  assert.match(journey, /rspamd.*GTUBE/);
  await spamd.stop();
  await rspamd.stop();
  assert.match(await deliver(world, { subject: 'unseen', text: gtube }), /^250/);
  const unseen = await world.mail(alice, 'Subject: unseen');
  assert.match(unseen.field('x-spam-status')!, /failed=spamassassin,rspamd/);
});

test('an encrypted ZIP is warned of, or held as the organisation has it; a program in an archive is held, and comes when it is released', {
  ...needing('zip', '7z'),
}, async () => {
  using folder = newFolder('attachments');
  const made = async (name: string, ...options: readonly string[]): Promise<Buffer> => {
    writeFileSync(join(folder.path, 'run.js'), 'alert(1)');
    writeFileSync(join(folder.path, 'data.csv'), 'a,b\n');
    await run('zip', [...options, `${name}.zip`, name === 'locked' ? 'data.csv' : 'run.js'], {
      cwd: folder.path,
    });
    return readFileSync(join(folder.path, `${name}.zip`));
  };
  const locked = await made('locked', '-P', 'secret');
  await using world = await World.start({ settings: { dns } });
  const send = (subject: string, attached: Buffer): Promise<string> =>
    deliver(world, { subject, text: 'See attached', attached, name: 'data.zip' });
  assert.match(await send('ppap', locked), /^250/);
  const warned = await world.mail(alice, 'Subject: ppap');
  assert.equal(warned.field('x-attachment-warning'), 'encrypted');
  const [, id] = / id ([\w-]+)/.exec(warned.fields('received')[0]!)!;
  assert.match(await world.cli('journey', id!), /attachment\.encrypted.*PPAP.*data\.zip: zip/);

  assert.match(await send('program', await made('program')), /^250/);
  const kept = (await world.api('GET', '/quarantine')) as { items: { message: string; subject: string }[] };
  assert.deepEqual(
    kept.items.map(({ subject }) => subject),
    ['program'],
  );
  await world.api('POST', `/quarantine/${kept.items[0]!.message}/release`, {});
  await world.mail(alice, 'Subject: program');

  await run('7z', ['a', '-bd', '-psecret', '-mhe=on', 'locked.7z', 'data.csv'], { cwd: folder.path });
  await run('7z', ['a', '-bd', 'program.7z', 'run.js'], { cwd: folder.path });
  assert.match(await send('locked 7z', readFileSync(join(folder.path, 'locked.7z'))), /^250/);
  const also = await world.mail(alice, 'Subject: locked 7z');
  assert.match(also.field('x-attachment-warning')!, /encrypted/);
  assert.match(await send('program in 7z', readFileSync(join(folder.path, 'program.7z'))), /^250/);
  const more = (await world.api('GET', '/quarantine')) as { items: { subject: string }[] };
  assert(more.items.some(({ subject }) => subject === 'program in 7z'));

  await world.api('PUT', `/orgs/${world.org}/filters`, { attachments: { encrypted: 'refuse' } });
  assert.match(await eventuallyRefused(() => send('again', locked)), /^550 5\.7\.1 .*PPAP/);
});

/** Rules are kept in memory for a moment. */
const eventuallyRefused = (send: () => Promise<string>): Promise<string> =>
  eventually('the new rule holds', async () => {
    const reply = await send();
    return reply.startsWith('250') ? undefined : reply;
  });
