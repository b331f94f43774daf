/**
 * The first organisation of a server, its domain and its administrator: made where they are missing, so that it can be asked for as often as one
 * likes.
 */
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { OrgId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Settings } from '../config/schema.ts';
import { systemActor } from '../directory/actor.ts';
import type { Language } from '../directory/account.ts';
import { readNewAddress } from '../directory/address.ts';
import { Administration } from '../directory/administration.ts';
import { checkPassword } from '../directory/new-password.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import { dataFolder, makeDataFolder } from './data-folder.ts';
import type { NewDomain } from './first-records.ts';
import { openStoreHost } from './open-store.ts';
import { openKeyBox } from './signing.ts';

export interface Wish {
  readonly org: string;
  readonly language: Language;
  readonly domain: string;
  /** Address of the administrator, within the domain. */
  readonly admin: string;
  /** Undefined: only look whether there is one. */
  readonly password: string | undefined;
}

export type State = 'made' | 'there' | 'missing';

export interface Founded {
  readonly org: { readonly name: string; readonly state: State };
  readonly domain: State;
  readonly admin: State;
  /** Records of the keys that sign its mail. */
  readonly dkim: NewDomain['dkim'];
}

/** What founding needs of an administration, this program's own or that of a server that runs. */
export interface FoundingOffice {
  /** All organisations, or a good many. */
  orgs(): Promise<readonly { id: string; name: string; operator: boolean }[]>;
  domains(): Promise<readonly { name: string; org: string }[]>;
  /** Address of one of its owners. */
  ownerOf(org: string): Promise<string | undefined>;
  hasAccount(address: string): Promise<boolean>;
  makeOrg(input: { name: string; language: Language; operator: boolean }): Promise<string>;
  makeDomain(org: string, name: string): Promise<void>;
  /** The keys of the domain, which it has from now on if mail is signed. */
  dkimOf(org: string, domain: string): Promise<NewDomain['dkim']>;
  makeOwner(org: string, account: { name: string; password: string; language: Language }): Promise<void>;
}

/** The domain in the spelling of DNS, or undefined when it cannot be one on the Internet. */
export function domainInDns(name: string): string | undefined {
  const ascii = domainToAscii(name.trim().replace(/\.$/, ''));
  const isName =
    ascii !== undefined && ascii.includes('.') && !ascii.startsWith('[') && !/\.\d+$/.test(ascii);
  return isName ? ascii : undefined;
}

/** Whether the address can be given out in this domain. */
export function isAddressOf(address: string, domain: string): boolean {
  return readNewAddress(address)?.domain === domainInDns(domain);
}

/** What is wrong with a new password; undefined when nothing is. */
export function passwordProblem(password: string): string | undefined {
  try {
    checkPassword(password, 'password');
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message.slice(error.reason.length + 2);
    throw error;
  }
}

export async function found(office: FoundingOffice, wish: Wish): Promise<Founded> {
  const orgs = await office.orgs();
  const domains = await office.domains();
  const owner = domains.find(({ name }) => name === domainInDns(wish.domain))?.org;
  const known = orgs.find(({ id, name }) => (owner === undefined ? name === wish.org : id === owner));
  const operator = !orgs.some((org) => org.operator);
  const { language, domain, admin, password } = wish;
  const org = known?.id ?? (await office.makeOrg({ name: wish.org, language, operator }));
  if (owner === undefined) await office.makeDomain(org, domain);
  const dkim = await office.dkimOf(org, domain);
  const hasAdmin = await office.hasAccount(admin);
  if (!hasAdmin && password !== undefined) await office.makeOwner(org, { name: admin, password, language });
  return {
    org: { name: known?.name ?? wish.org, state: known === undefined ? 'made' : 'there' },
    domain: owner === undefined ? 'made' : 'there',
    admin: hasAdmin ? 'there' : password === undefined ? 'missing' : 'made',
    dkim,
  };
}

/** Opens the store of these settings, which no server may be using (SQLite), for as long as the work takes. Makes it when it is missing. */
export async function withStore<T>(
  settings: Settings,
  work: (office: FoundingOffice) => Promise<T>,
): Promise<T> {
  makeDataFolder(dataFolder(settings.data));
  await using host = await openStoreHost(settings, silentLog);
  const keyBox = openKeyBox(settings);
  const administration = new Administration({ store: host.store, clock: systemClock, keyBox });
  return await work(storeOffice(administration, settings.signing.sign));
}

function storeOffice({ orgs, domains, accounts, dkim }: Administration, signs: boolean): FoundingOffice {
  return {
    orgs: () => everything((cursor) => orgs.list({ limit: pageItems, cursor })),
    domains: () => everything((cursor) => domains.all({ limit: pageItems, cursor })),
    ownerOf: async (org) => {
      const { items } = await accounts.list(org as OrgId, { limit: pageItems });
      return items.find(({ roles }) => roles.includes('owner'))?.name;
    },
    hasAccount: async (address) => (await orNothing(accounts.named(address))) !== undefined,
    makeOrg: async (input) => (await orgs.create(systemActor, input)).id,
    makeDomain: async (org, name) => void (await domains.create(systemActor, org as OrgId, { name })),
    dkimOf: async (org, domain) => {
      const keys = signs ? await dkim.ensure(systemActor, { org: org as OrgId, domain }) : [];
      return keys.filter(({ state }) => state !== 'removed');
    },
    makeOwner: async (org, account) =>
      void (await accounts.create(systemActor, org as OrgId, { ...account, roles: ['owner'] })),
  };
}

const pageItems = 500;

async function everything<T>(
  page: (cursor: string) => Promise<{ items: readonly T[]; next: string | undefined }>,
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const found: Awaited<ReturnType<typeof page>> = await page(cursor);
    items.push(...found.items);
    cursor = found.next;
  }
  return items;
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'notFound') return undefined;
    throw error;
  }
}
