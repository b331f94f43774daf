/** Every operation and list of the directory, run on both engines: what one answers the other answers too. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { missingPostgres, startPostgres } from '../../test/postgres-server.ts';
import { Refusal } from '../base/refusal.ts';
import { openFileBodies } from '../store/file-bodies.ts';
import { openPostgres } from '../store/open-postgres.ts';
import type { OrgId } from '../base/ids.ts';
import type { AnyOperation } from '../store/operation.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { systemActor } from './actor.ts';
import type { DkimKey } from './dkim-key.ts';
import { migrations } from './migrations.ts';
import {
  accountCalled,
  dkimKeysInMotion,
  domainsWithoutKeys,
  dueTasks,
  finishTask,
  forgetDkimKeys,
  operations,
  plainDkimKeys,
  rewrapDkimKey,
} from './operations.ts';
import type { Page } from './entities.ts';
import type { LoginFrom } from './principal.ts';
import { openTestDirectory, type TestDirectory } from './testing.ts';

const from: LoginFrom = { service: 'imap', ip: '192.0.2.1' };
const password = 'correct horse';

/** Writes down what came of each step, ids replaced by their order, so that two runs can be compared. */
class Notes {
  readonly lines: string[] = [];
  readonly #ids = new Map<string, string>();

  note(value: unknown): void {
    const text = JSON.stringify(value) ?? 'undefined';
    this.lines.push(text.replaceAll(/\b0[0-9a-hjkmnp-tv-z]{15}\b/g, (id) => this.#nameOf(id)));
  }

  async refused(work: Promise<unknown>): Promise<void> {
    this.note(
      await work.then(
        () => 'done',
        (error: unknown) => (error instanceof Refusal ? `${error.reason} ${error.at}` : String(error)),
      ),
    );
  }

  #nameOf(id: string): string {
    if (!this.#ids.has(id)) this.#ids.set(id, `id${this.#ids.size}`);
    return this.#ids.get(id)!;
  }
}

async function allPages<T>(list: (cursor: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page: Page<T> = await list(cursor);
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}

async function playAll(t: TestDirectory): Promise<readonly string[]> {
  const notes = new Notes();
  await playAccounts(t, notes);
  await playAddresses(t, notes);
  await playDkim(t, notes);
  await playLogins(t, notes);
  await playSessions(t, notes);
  await playFactors(t, notes);
  await playPrograms(t, notes);
  await playInbound(t, notes);
  await playLists(t, notes);
  await playEnds(t, notes);
  return notes.lines;
}

async function playAccounts({ office, org }: TestDirectory, notes: Notes): Promise<void> {
  const alice = await office.accounts.create(systemActor, org.id, {
    name: 'alice@here.test',
    password,
    roles: ['owner'],
    language: 'ja',
    quotaBytes: 2 ** 40,
  });
  const bob = await office.accounts.create(systemActor, org.id, {
    name: 'Bob@here.test',
    displayName: '山田 100%',
  });
  const [a, b] = [alice, bob].map(({ id }) => ({ org: org.id, id })) as [
    { org: typeof org.id; id: typeof alice.id },
    { org: typeof org.id; id: typeof bob.id },
  ];
  notes.note(await office.accounts.get(a));
  notes.note(await office.accounts.update(systemActor, b, { disabled: true, roles: ['support', 'user'] }));
  await notes.refused(office.accounts.update(systemActor, a, { roles: ['user'] }));
  await notes.refused(office.accounts.update(systemActor, b, { displayName: 'x', ifVersion: 1 }));
  notes.note(await office.accounts.rename(systemActor, b, { name: 'robert@here.test', keepOld: true }));
  await office.accounts.setForward(systemActor, b, {
    targets: ['b@there.test', 'c@there.test'],
    keepCopy: true,
  });
  notes.note(await office.accounts.forward(b));
  await office.accounts.setSendAs(systemActor, b, ['@here.test']);
  notes.note(await office.accounts.sendAs(b));
  await office.accounts.noteAccess(systemActor, b, { imapWithout: ['QRESYNC'] });
  await office.accounts.noteScript(systemActor, b, { did: 'put' });
  await office.audit.note(systemActor, { org: org.id, action: 'script.put', subject: 'x' });
  await office.accounts.noteMoving(systemActor, b, { is: 'export' });
  await office.accounts.setPassword(systemActor, b, 'battery staple');
  const app = await office.accounts.createAppPassword(systemActor, a, { name: 'phone', services: ['imap'] });
  await office.accounts.createAppPassword(systemActor, a, { name: 'tablet' });
  await office.accounts.deleteAppPassword(systemActor, a, app.id);
  notes.note((await office.accounts.appPasswords(a)).items);
}

async function playAddresses({ office, org, directory }: TestDirectory, notes: Notes): Promise<void> {
  await office.domains.create(systemActor, org.id, { name: '飛脚.test', aliasOf: 'here.test' });
  notes.note(
    await office.domains.update(
      systemActor,
      { org: org.id, name: 'here.test' },
      { catchAll: 'alice@here.test', separators: '+-' },
    ),
  );
  for (const kind of ['alias', 'group', 'forward'] as const) {
    const ref = { org: org.id, kind, address: `${kind}@here.test` };
    notes.note(await office.routes.create(systemActor, ref, { targets: ['alice@here.test'] }));
    notes.note(
      await office.routes.replace(systemActor, ref, {
        targets: ['x@there.test', 'y@there.test'],
        displayName: kind,
      }),
    );
    await notes.refused(office.routes.create(systemActor, ref, { targets: ['x@there.test'] }));
  }
  await office.rewrites.put(systemActor, org.id, { direction: 'out', from: '@here.test', to: '@there.test' });
  await office.rewrites.put(systemActor, org.id, { direction: 'in', from: 'a@here.test', to: 'b@here.test' });
  notes.note(await directory.rewrite('Z@here.test', 'out', 'header'));
  const asked = [
    'alice+x@here.test',
    'alias@飛脚.test',
    'none@here.test',
    'robert@here.test',
    'bob@here.test',
    'postmaster@here.test',
    'postmaster',
    'x@y.test',
  ];
  for (const address of asked) notes.note(await directory.resolve(address));
  // Its hash is by chance; what it leads to is not.
  const path = await directory.returnPath('bob@there.test', 'alice@here.test');
  notes.note(path.replace(/=\w{8}=/, '=hash='));
  notes.note(await directory.resolve(path).then((found) => (found.is === 'expanded' ? found.to : found)));
  await playSenderRules({ office, org, directory }, notes);
  await playFilterRules({ office, org, directory }, notes);
}

async function playFilterRules(
  { office, org, directory }: Pick<TestDirectory, 'office' | 'org' | 'directory'>,
  notes: Notes,
): Promise<void> {
  notes.note((await directory.filterRules(org.id)) ?? 'none');
  const rules = { junk: 3.5, refuse: null, weights: { 'dnsbl.*': 0 } };
  notes.note(await office.filterRules.put(systemActor, org.id, rules));
  notes.note(await directory.filterRules(org.id));
  await notes.refused(office.filterRules.put(systemActor, org.id, { junk: 0 }));
  await notes.refused(office.filterRules.put(systemActor, org.id, { weights: { 'a b': 1 } }));
  await notes.refused(office.filterRules.put(systemActor, 'nobody' as OrgId, {}));
  await office.filterRules.put(systemActor, org.id, {});
  notes.note((await directory.filterRules(org.id)) ?? 'none');
}

async function playSenderRules(
  { office, org, directory }: Pick<TestDirectory, 'office' | 'org' | 'directory'>,
  notes: Notes,
): Promise<void> {
  const whole = { org: org.id, domain: '' };
  const one = { org: org.id, domain: 'here.test' };
  notes.note((await directory.senderRules(org.id, 'here.test')) ?? 'none');
  await office.senderRules.put(systemActor, whole, { dmarc: 'junk', trustedForwarders: ['LIST.test'] });
  const senders = [{ domain: '*.there.test', action: 'accept' as const }];
  notes.note(
    await office.senderRules.put(systemActor, one, {
      dmarc: 'ignore',
      senders,
      trustedForwarders: ['x.test'],
    }),
  );
  notes.note(await office.senderRules.get(one));
  notes.note(await directory.senderRules(org.id, 'here.test'));
  notes.note(await directory.senderRules(org.id, 'other.test'));
  await notes.refused(office.senderRules.put(systemActor, { ...one, domain: 'there.test' }, {}));
  await notes.refused(office.senderRules.put(systemActor, whole, { trustedForwarders: ['no domain'] }));
  await office.senderRules.put(systemActor, one, {});
  notes.note(await directory.senderRules(org.id, 'here.test'));
}

async function playDkim(
  {
    office,
    org,
    directory,
    store,
    clock,
  }: Pick<TestDirectory, 'office' | 'org' | 'directory' | 'store' | 'clock'>,
  notes: Notes,
): Promise<void> {
  const ref = { org: org.id, domain: 'here.test' };
  const shown = ({ selector, algorithm, state, seenAtMs, sinceMs }: DkimKey) =>
    `${selector} ${algorithm} ${state} ${seenAtMs} ${sinceMs}`;
  const inMotion = async (oldBeforeMs: number, after = '', limit = 10) =>
    (await store.scan(dkimKeysInMotion, { oldBeforeMs, after, limit })).map(shown);
  notes.note([await directory.hasSigningKeys(), await directory.signingKeys('here.test')]);
  notes.note(await store.scan(domainsWithoutKeys, { limit: 10 }));
  notes.note((await office.dkim.ensure(systemActor, ref)).map(shown));
  notes.note((await office.dkim.ensure(systemActor, ref)).length);
  notes.note(await store.scan(domainsWithoutKeys, { limit: 10 }));
  notes.note((await directory.signingKeys('here.test')).map(({ selector }) => selector));
  notes.note(await directory.hasSigningKeys());
  clock.advance(1000);
  const rotated = await office.dkim.rotate(systemActor, ref, ['ed25519-sha256']);
  notes.note(rotated.map(shown));
  const [next, old] = rotated.filter(({ algorithm }) => algorithm === 'ed25519-sha256') as [DkimKey, DkimKey];
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  });
  notes.note(shown(await office.dkim.import(systemActor, ref, { selector: 'From.Elsewhere', privateKey })));
  notes.note((await office.dkim.export(systemActor, ref, 'from.elsewhere')) === privateKey);
  await notes.refused(office.dkim.import(systemActor, ref, { selector: 'from.elsewhere', privateKey }));
  await notes.refused(office.dkim.import(systemActor, ref, { selector: 'a b', privateKey }));
  await notes.refused(office.dkim.import(systemActor, ref, { selector: 'x', privateKey: 'none' }));
  await notes.refused(office.dkim.list({ ...ref, domain: 'there.test' }));
  await office.dkim.noteSeen(systemActor, ref, next.selector);
  await office.dkim.noteSeen(systemActor, ref, next.selector);
  await office.dkim.move(systemActor, ref, { selector: next.selector, to: 'published' });
  await notes.refused(office.dkim.move(systemActor, ref, { selector: old.selector, to: 'removed' }));
  notes.note(await inMotion(0));
  notes.note(await inMotion(clock.nowMs() - 500, '', 2));
  await office.dkim.move(systemActor, ref, { selector: next.selector, to: 'active' });
  await notes.refused(office.dkim.move(systemActor, ref, { selector: next.selector, to: 'prepared' }));
  const [plain] = await store.scan(plainDkimKeys, { limit: 1 });
  await store.write(rewrapDkimKey, { ...plain!, kept: 'sealed:test', was: plain!.kept });
  notes.note((await store.scan(plainDkimKeys, { limit: 10 })).map(({ selector }) => selector));
  await store.write(rewrapDkimKey, { ...plain!, was: 'sealed:test' });
  await office.dkim.move(systemActor, ref, { selector: old.selector, to: 'removed' });
  await notes.refused(office.dkim.export(systemActor, ref, old.selector));
  notes.note((await directory.dkimRecords('here.test')).map(({ selector }) => selector));
  await store.write(forgetDkimKeys, { beforeMs: clock.nowMs() + 1 });
  notes.note((await office.dkim.list(ref)).map(shown));
  notes.note(
    (await office.audit.list(org.id, { q: 'dkim.' })).items.map(
      ({ action, subject }) => `${action} ${subject}`,
    ),
  );
}

async function playLogins({ office, org, directory, clock }: TestDirectory, notes: Notes): Promise<void> {
  const principal = await directory.login('alice@here.test', password, from);
  notes.note(principal);
  for (const address of ['alice@here.test', 'bob@here.test', 'any@here.test', 'x@there.test'])
    notes.note(await directory.maySendAs(principal, address));
  for (let i = 0; i < 11; i++) await notes.refused(directory.login('alice@here.test', `guess ${i}`, from));
  await notes.refused(directory.scramCredential('alice@here.test', 'sha256', from));
  clock.advance(16 * 60_000);
  notes.note(await directory.login('alice@here.test', password, from));
  notes.note((await directory.scramCredential('nobody@here.test', 'sha256', from)).iterations);
  const key = await office.keys.create(systemActor, org.id, {
    name: 'k',
    scopes: ['mail:imap'],
    account: principal.account,
  });
  notes.note(await directory.loginWithToken('alice@here.test', key.key, { ...from, ip: '192.0.2.2' }));
  await office.keys.create(systemActor, '', { name: 'operator', scopes: ['all'] });
}

async function playSessions({ office, org, directory, clock }: TestDirectory, notes: Notes): Promise<void> {
  const alice = await office.accounts.named('alice@here.test');
  const { sessions } = directory;
  const opening = {
    account: alice.id,
    org: org.id,
    ip: '192.0.2.9',
    userAgent: 'Browser',
    proved: 'password',
  };
  const brief = await sessions.open({ ...opening, remember: false });
  const kept = await sessions.open({ ...opening, remember: true });
  notes.note((await sessions.holder(kept.token, '192.0.2.9'))?.account.name);
  clock.advance(5 * 60 * 60_000);
  notes.note((await sessions.holder(brief.token, '192.0.2.9'))?.account.name);
  notes.note((await sessions.holder(kept.token, '192.0.2.10'))?.session.remembered);
  notes.note((await sessions.list(alice.id)).map(({ proved, remembered }) => [proved, remembered]));
  const third = await sessions.open({ ...opening, remember: true });
  await sessions.end(systemActor, { account: alice.id, org: org.id, id: third.id });
  await notes.refused(sessions.end(systemActor, { account: alice.id, org: org.id, id: third.id }));
  notes.note(await sessions.endOthers(systemActor, { account: alice.id, org: org.id, id: kept.id }));
  await office.accounts.setPassword(systemActor, { org: org.id, id: alice.id }, password);
  notes.note((await sessions.holder(kept.token, '192.0.2.9'))?.account.name);
}

async function playFactors({ office, org, directory, clock }: TestDirectory, notes: Notes): Promise<void> {
  const alice = await office.accounts.named('alice@here.test');
  const owner = { account: alice.id, org: org.id, address: alice.name };
  const { factors, tickets } = directory;
  const { secret } = await factors.beginTotp(owner);
  const code = (): string =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.nowMs() });
  await notes.refused(factors.confirmTotp(systemActor, owner, '000000'));
  await factors.confirmTotp(systemActor, owner, code());
  await notes.refused(factors.prove(owner, code(), '192.0.2.9'));
  clock.advance(60_000);
  notes.note(await factors.prove(owner, code(), '192.0.2.9'));
  await notes.refused(factors.beginTotp(owner));
  const codes = await factors.newRecoveryCodes(systemActor, owner);
  notes.note(await factors.prove(owner, codes[0]!.toUpperCase(), '192.0.2.9'));
  await notes.refused(factors.prove(owner, codes[0]!, '192.0.2.9'));
  const publicKey = Buffer.from('key');
  const passkey = {
    id: 'pk',
    name: 'Phone',
    rp: 'mail.here.test',
    publicKey,
    counter: 1,
    transports: 'internal',
  };
  await factors.addPasskey(systemActor, owner, passkey);
  await notes.refused(factors.addPasskey(systemActor, owner, passkey));
  await factors.noteUse('pk', 2);
  await notes.refused(factors.noteUse('pk', 2));
  const { passkeys, ...state } = await factors.state(alice.id);
  notes.note([state, passkeys.map(({ name, counter, transports }) => [name, counter, transports])]);
  await factors.dropPasskey(systemActor, owner, 'pk');
  await factors.dropTotp(systemActor, owner);
  notes.note(await factors.isOn(alice.id));
  await factors.reset(owner);
  const ticket = await tickets.make({ some: 'facts' });
  notes.note(await tickets.read(ticket));
  await tickets.use(ticket);
  await notes.refused(tickets.use(ticket));
  await notes.refused(tickets.read(`${ticket}x`));
}

async function playPrograms({ office, org, directory }: TestDirectory, notes: Notes): Promise<void> {
  const { streams, submitters } = office;
  const smtp: LoginFrom = { service: 'smtp', ip: '192.0.2.1' };
  notes.note(await streams.put(systemActor, org.id, { name: 'receipts', kind: 'transactional' }));
  notes.note(await streams.put(systemActor, org.id, { name: 'news', kind: 'transactional' }));
  notes.note(await streams.put(systemActor, org.id, { name: 'news', kind: 'bulk' }));
  await notes.refused(streams.put(systemActor, org.id, { name: 'bulk', kind: 'bulk' }));
  await notes.refused(streams.put(systemActor, org.id, { name: 'Bad name', kind: 'bulk' }));
  await streams.delete(systemActor, org.id, 'receipts');
  await notes.refused(streams.delete(systemActor, org.id, 'receipts'));
  notes.note(await streams.list(org.id));
  const network = await submitters.create(systemActor, org.id, {
    kind: 'network',
    value: '198.51.100.7/24',
    name: 'data centre',
    limits: { streams: ['news'], domains: ['here.test'] },
  });
  notes.note(network);
  await notes.refused(
    submitters.create(systemActor, org.id, { kind: 'network', value: '198.51.100.0/24', name: 'again' }),
  );
  const certificate = 'AB:'.repeat(31) + 'AB';
  const shown = { kind: 'certificate', value: certificate, name: 'shop', expiresAtMs: 1 } as const;
  notes.note(await submitters.create(systemActor, org.id, shown));
  notes.note((await submitters.list(org.id)).map(({ name, value }) => `${name} ${value}`).sort());
  const program = await directory.programAt('198.51.100.77');
  notes.note(program);
  for (const address of ['any@here.test', 'x@there.test', 'x@飛脚.test', ''])
    notes.note(program && (await directory.maySendAs(program, address)));
  notes.note((await directory.programAt('192.0.2.1', 'ab'.repeat(32))) ?? 'it has expired');
  notes.note(await directory.asksForCertificates());
  await submitters.delete(systemActor, org.id, network.id);
  notes.note((await directory.programAt('198.51.100.77')) ?? 'nobody');
  const limits = { networks: ['192.0.2.0/28'], streams: ['news'], test: true } as const;
  const key = await office.keys.create(systemActor, org.id, { name: 'program', scopes: ['send'], limits });
  notes.note((await office.keys.list(org.id)).items.map((each) => JSON.stringify(each.limits)).sort());
  notes.note(await directory.login('whatever', key.key, smtp));
  await notes.refused(directory.login('whatever', key.key, { ...smtp, ip: '192.0.2.99' }));
  const other = await office.keys.create(systemActor, org.id, { name: 'reads', scopes: ['messages:read'] });
  await notes.refused(directory.login('whatever', other.key, smtp));
  await notes.refused(
    office.keys.create(systemActor, org.id, {
      name: 'x',
      scopes: ['send'],
      limits: { networks: ['nowhere'] },
    }),
  );
}

async function playInbound({ office, org, directory }: TestDirectory, notes: Notes): Promise<void> {
  const { inbound, sendingDomains } = office;
  const url = 'https://app.test/in';
  const made = await inbound.create(systemActor, org.id, { address: 'In-*@here.test', url, raw: true });
  notes.note({ ...made, secret: made.secret.length });
  await notes.refused(inbound.create(systemActor, org.id, { address: 'in-*@here.test', url }));
  await notes.refused(inbound.create(systemActor, org.id, { address: 'a@there.test', url }));
  await notes.refused(inbound.create(systemActor, org.id, { address: 'a b@here.test', url }));
  await notes.refused(inbound.create(systemActor, org.id, { address: 'a@here.test', url: 'http://x/' }));
  notes.note((await inbound.list(org.id)).map(({ pattern, options }) => [pattern, options]));
  notes.note((await directory.inboundRoute(made.id))?.url);
  notes.note(await directory.resolve('in-7@here.test'));
  const rotated = await inbound.rotate(systemActor, org.id, { id: made.id, overlapMs: 60_000 });
  const [route] = await inbound.list(org.id);
  notes.note([route?.secret === rotated, route?.previous?.secret === made.secret, route?.options]);
  await inbound.delete(systemActor, org.id, made.id);
  await notes.refused(inbound.rotate(systemActor, org.id, { id: made.id, overlapMs: 0 }));
  await notes.refused(inbound.delete(systemActor, org.id, made.id));
  const bounce = { purpose: 'returnPath', name: 'bounce.here.test' } as const;
  notes.note(await sendingDomains.put(systemActor, org.id, bounce));
  notes.note(await sendingDomains.put(systemActor, org.id, { ...bounce, name: 'b.here.test' }));
  await notes.refused(sendingDomains.put(systemActor, org.id, { purpose: 'tracking', name: 'b.here.test' }));
  await notes.refused(sendingDomains.put(systemActor, org.id, { purpose: 'tracking', name: 'here.test' }));
  notes.note(await sendingDomains.list(org.id));
  notes.note(await directory.sendingDomain(org.id, 'returnPath'));
  notes.note(await directory.sendingDomainNamed('b.here.test'));
  await sendingDomains.delete(systemActor, org.id, 'returnPath');
  await notes.refused(sendingDomains.delete(systemActor, org.id, 'returnPath'));
}

async function playLists({ office, org }: TestDirectory, notes: Notes): Promise<void> {
  const page = { limit: 2 };
  notes.note((await office.orgs.list()).items);
  notes.note(await office.orgs.update(systemActor, org.id, { name: 'Here Ltd.', operator: true }));
  notes.note(await allPages((cursor) => office.domains.list(org.id, { ...page, cursor })));
  notes.note(await allPages((cursor) => office.accounts.list(org.id, { ...page, cursor })));
  notes.note((await office.accounts.list(org.id, { q: '0%' })).items);
  notes.note(await allPages((cursor) => office.domains.all({ ...page, cursor })));
  notes.note(await allPages((cursor) => office.accounts.all({ ...page, cursor })));
  notes.note(await office.accounts.named('ALICE@飛脚.test'));
  notes.note((await allPages((cursor) => office.audit.all({ limit: 7, cursor }))).length);
  notes.note(await allPages((cursor) => office.routes.list(org.id, 'alias', { ...page, cursor })));
  notes.note(await allPages((cursor) => office.rewrites.list(org.id, { ...page, cursor })));
  notes.note((await office.keys.list('')).items.map(({ name, scopes }) => [name, scopes]));
  const audit = await allPages((cursor) => office.audit.list(org.id, { ...page, cursor }));
  notes.note(audit.map(({ action, subject, atMs }) => `${action} ${subject} ${atMs}`).sort());
}

async function playEnds({ office, org, store }: TestDirectory, notes: Notes): Promise<void> {
  await notes.refused(office.domains.delete(systemActor, org.id, 'here.test'));
  await notes.refused(office.orgs.delete(systemActor, org.id));
  for (const kind of ['alias', 'group', 'forward'] as const) {
    for (const { address } of (await office.routes.list(org.id, kind)).items)
      await office.routes.delete(systemActor, { org: org.id, kind, address });
  }
  await office.rewrites.delete(systemActor, org.id, { direction: 'in', from: 'a@here.test' });
  for (const { id } of (await office.keys.list(org.id)).items)
    await office.keys.delete(systemActor, org.id, id);
  await office.routes.create(
    systemActor,
    { org: org.id, kind: 'group', address: 'all@here.test' },
    { targets: ['Alice@here.test', 'x@there.test'] },
  );
  await office.domains.update(
    systemActor,
    { org: org.id, name: 'here.test' },
    { catchAll: 'robert@here.test' },
  );
  const accounts = (await office.accounts.list(org.id)).items.toReversed();
  const called = async (name: string) => (await store.scan(accountCalled, name))?.id;
  for (const { id, name } of accounts) assert.deepEqual([await called(id), await called(name)], [id, id]);
  assert.deepEqual([await called('nobody'), await called('nobody@here.test')], [undefined, undefined]);
  for (const { id } of accounts) await office.accounts.delete(systemActor, { org: org.id, id });
  notes.note((await office.routes.list(org.id, 'group')).items.map(({ targets }) => targets));
  notes.note((await office.domains.get(org.id, 'here.test')).catchAll);
  notes.note((await office.audit.list(org.id, { q: 'account.delete' })).items.map(({ detail }) => detail));
  for (let round = 0; round < 2; round++) {
    const due = await store.scan(dueTasks, { forgetBeforeMs: Number.MAX_SAFE_INTEGER, limit: 10 });
    notes.note(due.map(({ task, version }) => `${task} ${version}`));
    for (const task of due) await store.write(finishTask, { task, nowMs: task.atMs + 1 });
  }
  notes.note(await store.scan(dueTasks, { forgetBeforeMs: Number.MAX_SAFE_INTEGER, limit: 10 }));
  await office.routes.delete(systemActor, { org: org.id, kind: 'group', address: 'all@here.test' });
  await office.domains.delete(systemActor, org.id, '飛脚.test');
  await office.domains.delete(systemActor, org.id, 'here.test');
  await office.orgs.delete(systemActor, org.id);
  await notes.refused(office.orgs.get(org.id));
}

/** Plays everything; gives the notes and the operations that were never run. */
async function playOn(store: Store): Promise<{ lines: readonly string[]; unused: string[] }> {
  const used = new Set<string>();
  const watch = <F extends (operation: AnyOperation, args: never) => unknown>(run: F) =>
    ((operation: AnyOperation, args: never) => {
      used.add(operation.name);
      return run(operation, args);
    }) as F;
  store.write = watch(store.write.bind(store) as never);
  store.scan = watch(store.scan.bind(store) as never);
  await using t = await openTestDirectory(store);
  const lines = await playAll(t);
  return { lines, unused: operations.map(({ name }) => name).filter((name) => !used.has(name)) };
}

test('every operation of the directory does the same on SQLite and on PostgreSQL', {
  skip: missingPostgres,
}, async () => {
  await using server = await startPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-directory-'));
  const sqlite = await playOn(await openTestStore({ migrations, operations }));
  assert.deepEqual(sqlite.unused, []);
  const options = { url: server.database(), migrations, operations, bodies: openFileBodies(folder) };
  const postgres = await playOn(await openPostgres(options));
  assert.deepEqual(postgres.lines, sqlite.lines);
  rmSync(folder, { recursive: true });
});
