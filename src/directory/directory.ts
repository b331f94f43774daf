/**
 * The directory as servers, intake and delivery see it: whose address is this, who is logging in, may they send as this.
 *
 * One per thread. Lookups are answered from a small cache that is emptied by the store's hints, and checked against the directory's
 * version once a second: a change is seen by all within one second, and at once by the thread that made it.
 * Changes are made by `administration.ts`.
 */
import type { Clock } from '../base/clock.ts';
import type { AccountId, OrgId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { CredentialStore, ScramCredential, ScramHash } from '../proto/sasl/mechanism.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './account.ts';
import { formatAddress, readAddress, type Address } from './address.ts';
import { Brakes } from './auth/brakes.ts';
import { PasswordHasher } from './auth/hashing.ts';
import { comesFrom, programOf, submitterAt } from './application.ts';
import { isKey, Keys, type KeyHolder } from './auth/keys.ts';
import { Factors } from './auth/factors.ts';
import { Tickets } from './auth/tickets.ts';
import { Sessions } from './auth/sessions.ts';
import { Logins } from './auth/logins.ts';
import type { Domain, InboundRoute, Org, SendingDomain, SendingPurpose, Stream } from './entities.ts';
import type { LoginFrom, Principal } from './principal.ts';
import { allSubmitters, streamsOf } from './read/application.ts';
import { inboundRoute, sendingDomainNamed, sendingDomainsOf } from './read/inbound.ts';
import { ReadCache } from './read/cache.ts';
import { domainColumns, orgColumns, toDomain, toOrg, type DomainRow, type OrgRow } from './read/entity.ts';
import type { DkimKey, StoredSigningKey } from './dkim-key.ts';
import { dkimKeysOf, hasSigningKeys, signingKeysOf } from './read/dkim-key.ts';
import { findAccount, findLogin } from './read/login.ts';
import { findDomain, resolveAddress, resolvePostmaster, type DomainFound } from './read/resolve.ts';
import { domainNamesOf, findFilterRules, hasFilterRules } from './read/filter-rules.ts';
import { findSenderRules, hasSenderRules } from './read/sender-rules.ts';
import { ownAddresses } from './read/own-addresses.ts';
import { hasRules, isGrantedSender, rewritten } from './read/rewrite.ts';
import { isReturnLocal } from '../proto/srs/return-token.ts';
import type { Unsubscribing } from '../proto/srs/unsubscribe-token.ts';
import { isWrapped } from '../proto/srs/return-path.ts';
import type { Resolution } from './resolution.ts';
import { ReturnPaths } from './return-paths.ts';
import type { FilterRules } from './filter-rules.ts';
import type { SenderRules } from './sender-rules.ts';
import { maybe } from '../store/transaction.ts';

export interface DirectoryParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Aliases of aliases, and addresses among them, that are looked through to see whether an alias leads to the sender. */
const senderDepthMax = 4;
const senderTargetsMax = 100;

/** A mail that a program has handed in. */
export interface ProgramMail {
  readonly message: string;
  /** The envelope's. */
  readonly sender: string;
  readonly org: string;
}

export interface UnsubscribeLinks {
  readonly token: string;
  readonly address: string | undefined;
}

export class Directory implements Disposable {
  readonly #cache: ReadCache;
  readonly #returnPaths: ReturnPaths;
  readonly #logins: Logins;
  readonly #keys: Keys;
  readonly #clock: Clock;
  readonly #store: Store;
  /** Browsers that are signed in. */
  readonly sessions: Sessions;
  /** What proves people besides their password. */
  readonly factors: Factors;
  /** Between the steps of a sign-in. */
  readonly tickets: Tickets;

  constructor({ store, clock, log, metrics }: DirectoryParts) {
    const cache = new ReadCache(store, clock);
    const brakes = new Brakes(store, clock);
    this.#cache = cache;
    this.#clock = clock;
    this.#store = store;
    this.#returnPaths = new ReturnPaths({ store, clock, cache });
    this.#logins = new Logins({ store, clock, log, metrics, cache, brakes, hasher: new PasswordHasher() });
    this.factors = new Factors({ store, clock, brakes });
    this.tickets = new Tickets({ store, clock });
    this.sessions = new Sessions({ store, clock, log, cache });
    this.#keys = new Keys({ store, clock, log, cache, brakes, logins: this.#logins });
  }

  /** Whether mail for this domain (any case, A-labels or U-labels) ends here. */
  async isLocalDomain(domain: string): Promise<boolean> {
    return (await this.orgOf(domain)) !== undefined;
  }

  /** The organisation that has this local domain. */
  async orgOf(domain: string): Promise<OrgId | undefined> {
    const name = domainToAscii(domain);
    if (name === undefined) return undefined;
    const found = await this.#domain(name);
    return found?.org as OrgId | undefined;
  }

  /** All of a local domain (any case, A-labels or U-labels), for what is published under its name. */
  async domain(domain: string): Promise<Domain | undefined> {
    const name = domainToAscii(domain);
    if (name === undefined) return undefined;
    return this.#cache.get(`whole domain ${name}`, function* () {
      const found = yield* maybe<DomainRow>(`select ${domainColumns} from domain where name = ?`, name);
      return found && toDomain(found);
    });
  }

  /**
   * What an address means here, in wire spelling or decoded. One step: the addresses of an expansion are to be resolved in turn.
   * Never throws for odd addresses.
   */
  async resolve(address: string): Promise<Resolution> {
    const read = readAddress(address);
    if (read === undefined) {
      if (address.toLowerCase() !== 'postmaster') return foreign;
      return this.#cache.get('postmaster', resolvePostmaster);
    }
    // Of other domains only the domain is remembered: there are far more addresses elsewhere than here.
    const domain = await this.#domain(read.domain);
    if (domain === undefined) return foreign;
    if (isReturnLocal(read.local)) {
      const report = await this.#returnPaths.resolveReport(address, domain.org as OrgId);
      if (report.is !== 'unknown') return report;
    }
    if (isWrapped(read.local)) return this.#returnPaths.resolve(address, domain.org as OrgId);
    return this.#cache.get(`resolve ${address}`, () => resolveAddress(read));
  }

  /** `name`: A-labels in lower case. */
  #domain(name: string): Promise<DomainFound | undefined> {
    return this.#cache.get(`domain ${name}`, () => findDomain(name));
  }

  account(id: AccountId): Promise<Account | undefined> {
    return this.#cache.get(`account ${id}`, () => findAccount(id));
  }

  /** The account that logs in by this address, or by an alias of it. Whoever asks has other proof than a password. */
  async accountOfLogin(name: string): Promise<Account | undefined> {
    const address = readAddress(name);
    if (address === undefined) return undefined;
    return (await this.#store.read(() => findLogin(address)))?.account;
  }

  org(id: OrgId): Promise<Org | undefined> {
    return this.#cache.get(`org ${id}`, function* () {
      const found = yield* maybe<OrgRow>(`select ${orgColumns} from org where id = ?`, id);
      return found && toOrg(found);
    });
  }

  /** Lets in, or throws Refusal: `authenticationFailed`, `accountLocked`, `rateLimited`. Slow on purpose after failures. */
  login(username: string, password: string, from: LoginFrom): Promise<Principal> {
    if (from.service === 'smtp' && isKey(password)) return this.#keys.program(password, from.ip);
    return this.#logins.password(username, password, from);
  }

  /** The login with a bearer token (an API key bound to an account). */
  loginWithToken(username: string, token: string, from: LoginFrom): Promise<Principal> {
    return this.#keys.token(username, token, from);
  }

  scramCredential(username: string, hash: ScramHash, from: LoginFrom): Promise<ScramCredential<Principal>> {
    return this.#logins.scram(username, hash, from);
  }

  /** For `startMechanism`: passwords, SCRAM and tokens of whoever talks from there. */
  credentials(from: LoginFrom): CredentialStore<Principal> {
    return {
      verifyPassword: (username, password) => this.login(username, password, from),
      scram: (username, hash) => this.scramCredential(username, hash, from),
      verifyToken: (username, token) => this.loginWithToken(username, token, from),
    };
  }

  /** Who shows this API key, or Refusal. */
  keyHolder(key: string, ip: string): Promise<KeyHolder> {
    return this.#keys.holder(key, ip);
  }

  /** The program that submits from this network, or with this certificate (its SHA-256 in hex), without a password. */
  async programAt(ip: string, certificate?: string): Promise<Principal | undefined> {
    const all = await this.#cache.get('submitters', allSubmitters);
    if (all.length === 0) return undefined;
    const now = this.#clock.nowMs();
    const usable = all.filter(
      ({ expiresAtMs, limits }) => (expiresAtMs === 0 || expiresAtMs > now) && comesFrom(limits, ip),
    );
    const found =
      usable.find(({ kind, value }) => kind === 'certificate' && value === certificate) ??
      submitterAt(usable, ip);
    if (found === undefined) return undefined;
    const { id, org, kind, limits } = found;
    return programOf({ id, org, is: kind, limits }, await this.streams(org));
  }

  /** Whether programs may show certificates instead of passwords. */
  async asksForCertificates(): Promise<boolean> {
    const all = await this.#cache.get('submitters', allSubmitters);
    return all.some(({ kind }) => kind === 'certificate');
  }

  /** The route of mail to a program. */
  inboundRoute(id: string): Promise<InboundRoute | undefined> {
    return this.#cache.get(`inbound ${id}`, () => inboundRoute(id));
  }

  /** The domain that stands in mail of an organisation for this purpose. */
  async sendingDomain(org: string, purpose: SendingPurpose): Promise<string | undefined> {
    const found = await this.#cache.get(`sending domains ${org}`, () => sendingDomainsOf(org));
    return found.find((one) => one.purpose === purpose)?.name;
  }

  /** Whose such a domain is. */
  sendingDomainNamed(name: string): Promise<SendingDomain | undefined> {
    return this.#cache.get(`sending domain ${name}`, () => sendingDomainNamed(name));
  }

  /** The streams that an organisation has made. */
  streams(org: string): Promise<readonly Stream[]> {
    return this.#cache.get(`streams ${org}`, () => streamsOf(org));
  }

  /**
   * Whether the principal may use this address as envelope sender or From: its own with any subaddress, an alias or catch-all that leads to
   * it, and what an administrator granted; all within its organisation. `''` (null sender) is allowed to all: the header is checked too.
   */
  async maySendAs(principal: Principal, address: string): Promise<boolean> {
    if (address === '') return true;
    const read = readAddress(address);
    if (!read || (await this.orgOf(read.domain)) !== principal.org) return false;
    const { application } = principal;
    if (application) return application.domains.length === 0 || application.domains.includes(read.domain);
    const budget = { left: senderTargetsMax };
    return (
      (await this.#leadsTo(principal, address, { depth: 0, budget })) || this.#isGranted(principal, read)
    );
  }

  /** Addresses of an account and aliases of it, with what it was granted to send as (`@domain`: all of a domain). */
  ownAddresses(account: AccountId, org: OrgId): Promise<readonly string[]> {
    return this.#cache.get(`own addresses ${account}`, () => ownAddresses(account, org));
  }

  async #leadsTo(
    principal: Principal,
    address: string,
    { depth, budget }: { depth: number; budget: { left: number } },
  ): Promise<boolean> {
    if (depth > senderDepthMax || budget.left-- <= 0) return false;
    const found = await this.resolve(address);
    if (found.is === 'account') return found.account === principal.account;
    if (found.is !== 'expanded' || found.org !== principal.org) return false;
    if (found.why === 'forward')
      return found.alsoAccount === principal.account || this.#isOwn(principal, found.address);
    if (found.why === 'group') return false;
    for (const target of found.to) {
      if (await this.#leadsTo(principal, target, { depth: depth + 1, budget })) return true;
    }
    return false;
  }

  /** The account's own address, though all its mail is forwarded and no copy kept. */
  #isOwn(principal: Principal, address: string): boolean {
    return address === principal.address;
  }

  #isGranted({ account, org }: Principal, address: Address): Promise<boolean> {
    const key = `sender ${account} ${formatAddress(address)}`;
    return this.#cache.get(key, () => isGrantedSender(account, org, address));
  }

  /** Canonical rewriting: recipients of mail that comes `in`, senders of mail that goes `out`. The same address when no rule fits. */
  async rewrite(address: string, direction: 'in' | 'out', where: 'envelope' | 'header'): Promise<string> {
    if (!(await this.#cache.get(`rewrites ${direction}`, () => hasRules(direction)))) return address;
    const found = await this.#cache.get(`rewrite ${direction} ${where} ${address}`, function* () {
      const read = readAddress(address);
      return read && (yield* rewritten(read, { direction, where }));
    });
    return found ?? address;
  }

  /** The sender under which mail leaves that is sent on by `via`, an address of ours: one of our own senders as he is, others by an address here. */
  async returnPath(sender: string, via: string): Promise<string> {
    const from = readAddress(sender);
    const here = readAddress(via);
    if (!from || !here || (await this.isLocalDomain(from.domain))) return sender;
    return (await this.isLocalDomain(here.domain)) ? this.#returnPaths.wrap(sender, here.domain) : sender;
  }

  /**
   * The return address of a program's mail to one recipient: where the organisation has a domain `bounce.` below that of the sender, reports come there. Undefined: it has none.
   */
  async reportAddress(mail: ProgramMail, recipient: string): Promise<string | undefined> {
    const domain = await this.#bounceDomain(mail);
    return domain && this.#returnPaths.reportAddress(mail.message, recipient, domain);
  }

  /** Where complaints about a program's mail come to (RFC 9477): at the domain of the sender, whose signature stands for it. */
  async complaintAddress(mail: ProgramMail): Promise<string | undefined> {
    if ((await this.#bounceDomain(mail)) === undefined) return undefined;
    return this.#returnPaths.complaintAddress(mail.message, readAddress(mail.sender)!.domain);
  }

  /** The link, and the address where the organisation has a domain for what comes back, by which a reader wants no more mail of a program. */
  async unsubscribeLinks(mail: ProgramMail, about: Unsubscribing): Promise<UnsubscribeLinks> {
    const token = await this.#returnPaths.unsubscribeToken(about);
    const domain = await this.#bounceDomain(mail);
    const address = domain && (await this.#returnPaths.unsubscribeAddress(mail.message, domain));
    return { token, address };
  }

  readUnsubscribe(token: string): Promise<Unsubscribing | undefined> {
    return this.#returnPaths.readUnsubscribe(token);
  }

  /** What a return address of ours speaks of. */
  readReturn(address: string): ReturnType<ReturnPaths['read']> {
    return this.#returnPaths.read(address);
  }

  async #bounceDomain({ sender, org }: ProgramMail): Promise<string | undefined> {
    const from = readAddress(sender);
    if (from === undefined) return undefined;
    const name = `bounce.${from.domain}`;
    return (await this.#domain(name))?.org === org ? name : undefined;
  }

  /** What is made of mail from outside for a domain of the organisation: its own rules over those of the organisation. Undefined: as the server does. */
  async senderRules(org: string, domain: string): Promise<SenderRules | undefined> {
    if (!(await this.#cache.get('sender rules', hasSenderRules))) return undefined;
    return this.#cache.get(`sender rules ${org} ${domain}`, () => findSenderRules(org, domain));
  }

  /** What the organisation has otherwise in the filters than the server. */
  async filterRules(org: string): Promise<FilterRules | undefined> {
    if (org === '' || !(await this.#cache.get('filter rules', hasFilterRules))) return undefined;
    return this.#cache.get(`filter rules ${org}`, () => findFilterRules(org));
  }

  /** The names of an organisation's domains. */
  domainNames(org: string): Promise<readonly string[]> {
    return this.#cache.get(`domain names ${org}`, () => domainNamesOf(org));
  }

  /** Keys that sign mail of a domain now, as they are kept. */
  signingKeys(domain: string): Promise<readonly StoredSigningKey[]> {
    return this.#cache.get(`signing keys ${domain}`, () => signingKeysOf(domain));
  }

  /** The records that a domain's keys must have in DNS: of those that sign, will sign, or have signed mail that may be on its way. */
  async dkimRecords(domain: string): Promise<readonly Pick<DkimKey, 'selector' | 'record'>[]> {
    const keys = await this.#cache.get(`dkim ${domain}`, () => dkimKeysOf(domain));
    return keys
      .filter(({ state }) => state !== 'removed')
      .map(({ selector, record }) => ({ selector, record }));
  }

  /** Whether any domain has keys that sign. */
  hasSigningKeys(): Promise<boolean> {
    return this.#cache.get('has signing keys', hasSigningKeys);
  }

  /** Forgets what was read: for whoever changes the directory in this thread. */
  forget(): void {
    this.#cache.forget();
  }

  [Symbol.dispose](): void {
    this.#cache[Symbol.dispose]();
  }
}

const foreign: Resolution = { is: 'remote' };
