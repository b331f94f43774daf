/**
 * A mail system for a look around: a demo organisation with two domains on unprivileged ports of loopback.
 *
 * Mail for the second domain leaves by its MX records (a built-in zone leads to a second MX listener of this server), so a demo mail really
 * crosses SMTP: submission, MX lookup, transfer, mailbox. The zone also has what proves the mail of both: SPF, DKIM and DMARC.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { randomFraction } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { readSettings } from '../config/read.ts';
import type { Settings } from '../config/schema.ts';
import { systemActor } from '../directory/actor.ts';
import type { Role } from '../directory/account.ts';
import { Administration } from '../directory/administration.ts';
import { keyName } from '../proto/dkim/key-record.ts';
import { dataFolder, makeDataFolder } from './data-folder.ts';
import { openStoreHost } from './open-store.ts';
import { openKeyBox } from './signing.ts';
import type { Supervisor } from './supervisor.ts';

export const senderDomain = 'hikyaku.example';
export const receiverDomain = 'tomodachi.example';

export interface DemoAccount {
  readonly address: string;
  readonly password: string;
  readonly roles: readonly Role[];
}

export const demoAccounts: readonly DemoAccount[] = [
  { address: `admin@${senderDomain}`, password: 'hikyaku-admin', roles: ['owner'] },
  { address: `alice@${senderDomain}`, password: 'hikyaku-alice', roles: ['user'] },
  { address: `bob@${receiverDomain}`, password: 'hikyaku-bob', roles: ['user'] },
];

const ports = {
  mx: 2525,
  submission: 2587,
  submissions: 2465,
  lmtp: 2424,
  imap: 2143,
  imaps: 2993,
  pop3: 2110,
  pop3s: 2995,
  managesieve: 4190,
  http: 8080,
} as const;
/** The second domain’s server: another loopback address, the same port. */
const secondMxAddress = '127.0.0.2';

export function demoSettings(data: string, autoPorts: boolean): Settings {
  const listeners = Object.entries(ports).map(([kind, port]) => ({
    kind,
    host: '127.0.0.1',
    port: autoPorts && kind !== 'mx' ? 0 : port,
  }));
  const mxPort = autoPorts ? 20_000 + Math.floor(randomFraction() * 20_000) : ports.mx;
  const read = readSettings({
    hostname: `mail.${senderDomain}`,
    addresses: ['127.0.0.1'],
    data,
    listeners: [
      ...listeners.map((one) => (one.kind === 'mx' ? { ...one, port: mxPort } : one)),
      { kind: 'mx', host: secondMxAddress, port: mxPort, hostname: `mx.${receiverDomain}` },
    ],
    dns: {
      zone: [
        { name: receiverDomain, type: 'MX', data: `10 mx.${receiverDomain}` },
        { name: `mx.${receiverDomain}`, type: 'A', data: secondMxAddress },
        { name: senderDomain, type: 'MX', data: `10 mail.${senderDomain}` },
        { name: `mail.${senderDomain}`, type: 'A', data: '127.0.0.1' },
        { name: '1.0.0.127.in-addr.arpa', type: 'PTR', data: `mail.${senderDomain}` },
        ...[senderDomain, receiverDomain, `mail.${senderDomain}`].map((name) => ({
          name,
          type: 'TXT',
          data: 'v=spf1 ip4:127.0.0.0/8 -all',
        })),
        ...[senderDomain, receiverDomain].map((name) => ({
          name: `_dmarc.${name}`,
          type: 'TXT',
          data: 'v=DMARC1; p=reject',
        })),
      ],
    },
    delivery: { port: mxPort, ownNetworksAllowed: true, byMx: [receiverDomain] },
    log: { level: 'warn' },
  });
  if (read.is === 'problems') throw new Error(JSON.stringify(read.problems));
  return read.settings;
}

/** The same settings with the keys of the demo's domains in their zone, so that what they send is signed and proved. No server may be using their store. */
export async function withDemoKeys(settings: Settings): Promise<Settings> {
  makeDataFolder(dataFolder(settings.data));
  await using host = await openStoreHost(settings, silentLog);
  const keyBox = openKeyBox(settings);
  const office = new Administration({ store: host.store, clock: systemClock, keyBox });
  await makeOrganisation(office);
  const zone = [...settings.dns.zone];
  for (const { name: domain, org } of (await office.domains.all({})).items) {
    for (const { selector, record, state } of await office.dkim.ensure(systemActor, { org, domain })) {
      if (state === 'removed') continue;
      // The record is there before the server: nothing is to be waited for.
      if (state === 'prepared' || state === 'published')
        await office.dkim.move(systemActor, { org, domain }, { selector, to: 'active' });
      zone.push({ name: keyName(selector, domain), type: 'TXT', data: record });
    }
  }
  return { ...settings, dns: { ...settings.dns, zone } };
}

/** Makes what is missing of the demo organisation, and a new API key that may do everything. */
export async function makeDemoOrganisation({ store }: Supervisor): Promise<DemoKeys> {
  const office = new Administration({ store, clock: systemClock });
  await makeOrganisation(office);
  const { key } = await office.keys.create(systemActor, '', { name: 'npm start', scopes: ['all'] });
  return { apiKey: key };
}

export interface DemoKeys {
  readonly apiKey: string;
}

async function makeOrganisation(office: Administration): Promise<void> {
  const orgs = await office.orgs.list();
  if (orgs.items.length > 0) return;
  const org = await office.orgs.create(systemActor, { name: 'Demo', operator: true });
  for (const name of [senderDomain, receiverDomain])
    await office.domains.create(systemActor, org.id, { name });
  for (const { address, password, roles } of demoAccounts) {
    await office.accounts.create(systemActor, org.id, {
      name: address,
      password,
      roles,
      displayName: address.split('@')[0]!,
    });
  }
}

/** For scripts and tests: where everything is. */
export function writeStartFile(settings: Settings, supervisor: Supervisor, { apiKey }: DemoKeys): void {
  const listeners: Record<string, { host: string; port: number }> = {};
  for (const { kind, host, port } of supervisor.listeners) listeners[kind] ??= { host, port };
  const { http } = listeners;
  const consoleUrl = `http://${http!.host}:${http!.port}/`;
  writeFileSync(
    join(settings.data, 'start.json'),
    `${JSON.stringify({ listeners, accounts: demoAccounts, console: consoleUrl, apiKey }, null, 2)}\n`,
    { mode: 0o600 },
  );
}
