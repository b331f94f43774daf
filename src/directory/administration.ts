/**
 * Every change to the directory, for the admin API and the command line. Input is checked here (Refusal `invalid` with the path of what is at
 * fault), rules are checked again in the transaction, and each change leaves an audit record in it.
 *
 * Who may call what is decided by the caller (permission.ts); this part only sees that nobody gives more than they have.
 */
import type { Clock } from '../base/clock.ts';
import type { Store } from '../store/store.ts';
import { PasswordHasher } from './auth/hashing.ts';
import type { Directory } from './directory.ts';
import { Accounts } from './office/accounts.ts';
import { Streams, Submitters } from './office/applications.ts';
import { DkimKeys } from './office/dkim-keys.ts';
import { InboundRoutes, SendingDomains } from './office/inbound.ts';
import { Office } from './office/office.ts';
import { Domains, Orgs } from './office/orgs.ts';
import { Routes } from './office/routes.ts';
import { KeyBox } from './key-box.ts';
import { ApiKeys, Audit, Rewrites } from './office/rules.ts';
import { FilterRulesOffice } from './office/filter-rules.ts';
import { SenderRulesOffice } from './office/sender-rules.ts';

export interface AdministrationParts {
  readonly store: Store;
  readonly clock: Clock;
  /** The directory of this thread, which then sees changes at once. */
  readonly directory?: Directory;
  /** Keeps private keys; without one they lie in the store as they are. */
  readonly keyBox?: KeyBox;
}

export class Administration {
  readonly orgs: Orgs;
  readonly domains: Domains;
  readonly accounts: Accounts;
  /** Aliases, groups and forwards. */
  readonly routes: Routes;
  readonly rewrites: Rewrites;
  readonly dkim: DkimKeys;
  /** What is made of mail from outside. */
  readonly senderRules: SenderRulesOffice;
  readonly filterRules: FilterRulesOffice;
  readonly keys: ApiKeys;
  readonly streams: Streams;
  /** Mail that goes to programs. */
  readonly inbound: InboundRoutes;
  readonly sendingDomains: SendingDomains;
  /** Networks and certificates that let programs submit. */
  readonly submitters: Submitters;
  readonly audit: Audit;

  constructor({ store, clock, directory, keyBox = new KeyBox('') }: AdministrationParts) {
    const office = new Office({
      store,
      clock,
      hasher: new PasswordHasher(),
      changed: () => directory?.forget(),
    });
    this.orgs = new Orgs(office);
    this.domains = new Domains(office);
    this.accounts = new Accounts(office);
    this.routes = new Routes(office);
    this.rewrites = new Rewrites(office);
    this.dkim = new DkimKeys(office, keyBox);
    this.senderRules = new SenderRulesOffice(office);
    this.filterRules = new FilterRulesOffice(office);
    this.keys = new ApiKeys(office);
    this.streams = new Streams(office);
    this.inbound = new InboundRoutes(office);
    this.sendingDomains = new SendingDomains(office);
    this.submitters = new Submitters(office);
    this.audit = new Audit(office);
  }
}
