/** Administration of accounts, their passwords, and where their mail goes. */
import {
  newAccountId,
  newCredentialId,
  newSpokenSecret,
  type AccountId,
  type CredentialId,
  type OrgId,
} from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { maybe, rows } from '../../store/transaction.ts';
import { roles as allRoles, type Account, type Language, type Role } from '../account.ts';
import type { Actor } from '../actor.ts';
import { formatAddress } from '../address.ts';
import { appSecret, newSalt, passwordSecret, preparePassword, type Salt } from '../auth/secret.ts';
import type { AccountForward, AppPassword, Page } from '../entities.ts';
import { permissionsOf } from '../permission.ts';
import { services as allServices, type Service } from '../principal.ts';
import { accountColumns, toAccount, type AccountRow } from '../read/entity.ts';
import { accountAt } from '../read/login.ts';
import { listAccounts, listAllAccounts, listAppPasswords } from '../read/list.ts';
import {
  createAccount,
  deleteAccount,
  renameAccount,
  setForward,
  updateAccount,
  type AccountEdit,
} from '../write/account.ts';
import { deleteSecret, setSecret } from '../write/credential.ts';
import { noteOfAccount } from '../write/note.ts';
import { setSendAs } from '../write/route.ts';
import {
  checkedAddress,
  checkedDomain,
  checkedName,
  checkedTargets,
  checkedTime,
  type Office,
  type PageQuery,
} from './office.ts';

const forwardTargetsMax = 50;
const sendAsMax = 100;

/** Names one account: of another organisation, it does not exist. */
export interface AccountRef {
  readonly org: OrgId;
  readonly id: AccountId;
}

export interface NewAccountInput {
  readonly name: string;
  readonly password?: string;
  readonly displayName?: string;
  readonly language?: Language;
  readonly quotaBytes?: number;
  readonly roles?: readonly Role[];
  readonly disabled?: boolean;
}

export interface NewAppPasswordInput {
  readonly name: string;
  readonly services?: readonly Service[];
  readonly expiresAtMs?: number;
}

/** The password is told once: only what cannot be turned back is kept. */
export interface AppPasswordShown extends AppPassword {
  readonly password: string;
}

export class Accounts {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  /** Of every organisation. */
  all(query: PageQuery = {}): Promise<Page<Account>> {
    return this.#office.page(listAllAccounts, '', { query, keyOf: ({ name }) => name });
  }

  list(org: OrgId, query: PageQuery = {}): Promise<Page<Account>> {
    return this.#office.page(listAccounts, org, { query, keyOf: ({ name }) => name });
  }

  async get({ org, id }: AccountRef): Promise<Account> {
    const found = await this.#office.store.read(() =>
      maybe<AccountRow>(`select ${accountColumns} from directory_account where org = ? and id = ?`, org, id),
    );
    if (!found) throw new Refusal('notFound', 'no such account');
    return toAccount(found);
  }

  /** By its address, whosever it is. */
  async named(name: string): Promise<Account> {
    const address = checkedAddress(name, 'name');
    const found = await this.#office.store.read(() => accountAt(address));
    if (!found) throw new Refusal('notFound', 'no such account');
    return found;
  }

  async create(actor: Actor, org: OrgId, input: NewAccountInput): Promise<Account> {
    const office = this.#office;
    const roles = checkedRoles(input.roles ?? ['user']);
    guardRoles(actor, roles);
    const address = checkedAddress(input.name, 'name');
    const change = office.change(actor);
    const { salt, iterations } = newSalt();
    const prepared = input.password === undefined ? undefined : preparePassword(input.password, 'password');
    const secret =
      prepared === undefined
        ? {}
        : {
            secret: await passwordSecret(office.hasher, {
              prepared,
              salt: { salt, iterations },
              atMs: change.atMs,
            }),
          };
    const account = {
      id: newAccountId(office.clock),
      org,
      displayName: checkedName(input.displayName ?? '', 'displayName', { optional: true }),
      language: input.language ?? 'en',
      quotaBytes: checkedQuota(input.quotaBytes ?? 0),
      roles,
      disabled: input.disabled ?? false,
      createdAtMs: change.atMs,
    };
    const name = await office.write(createAccount, { change, account, address, salt, iterations, ...secret });
    return { ...account, name, version: 1 };
  }

  /** `ifVersion`: only if nobody changed the account since (Refusal `conflict` at `version`). */
  async update(actor: Actor, ref: AccountRef, edit: AccountEdit & { ifVersion?: number }): Promise<Account> {
    await this.#guard(actor, ref);
    const { ifVersion, ...given } = edit;
    const checked: AccountEdit = {
      ...given,
      ...(edit.displayName === undefined
        ? {}
        : { displayName: checkedName(edit.displayName, 'displayName', { optional: true }) }),
      ...(edit.quotaBytes === undefined ? {} : { quotaBytes: checkedQuota(edit.quotaBytes) }),
      ...(edit.roles === undefined ? {} : { roles: checkedRoles(edit.roles) }),
    };
    guardRoles(actor, checked.roles ?? []);
    const expected = ifVersion === undefined ? {} : { ifVersion };
    await this.#office.write(updateAccount, {
      change: this.#office.change(actor),
      ...ref,
      edit: checked,
      ...expected,
    });
    return this.get(ref);
  }

  /** Another login address; mailboxes, passwords and all else stay. */
  async rename(
    actor: Actor,
    ref: AccountRef,
    { name, keepOld }: { name: string; keepOld: boolean },
  ): Promise<Account> {
    await this.#guard(actor, ref);
    const address = checkedAddress(name, 'name');
    await this.#office.write(renameAccount, { change: this.#office.change(actor), ...ref, address, keepOld });
    return this.get(ref);
  }

  async delete(actor: Actor, ref: AccountRef): Promise<void> {
    await this.#guard(actor, ref);
    await this.#office.write(deleteAccount, { change: this.#office.change(actor), ...ref });
  }

  async setPassword(actor: Actor, ref: AccountRef, password: string): Promise<void> {
    await this.#guard(actor, ref);
    const prepared = preparePassword(password, 'password');
    const salt = await this.#salt(ref);
    const change = this.#office.change(actor);
    const secret = await passwordSecret(this.#office.hasher, { prepared, salt, atMs: change.atMs });
    await this.#office.write(setSecret, { change, account: ref.id, org: ref.org, secret });
  }

  async appPasswords(ref: AccountRef, query: PageQuery = {}): Promise<Page<AppPassword>> {
    await this.get(ref);
    return this.#office.page(listAppPasswords, ref.id, { query, keyOf: ({ id }) => id });
  }

  async createAppPassword(
    actor: Actor,
    ref: AccountRef,
    input: NewAppPasswordInput,
  ): Promise<AppPasswordShown> {
    await this.#guard(actor, ref);
    const office = this.#office;
    const services = checkedServices(input.services ?? []);
    const change = office.change(actor);
    const facts = {
      id: newCredentialId(office.clock),
      account: ref.id,
      name: checkedName(input.name, 'name'),
      services,
      createdAtMs: change.atMs,
      expiresAtMs: checkedTime(input.expiresAtMs, 'expiresAtMs'),
    };
    const password = newSpokenSecret();
    const secret = await appSecret({ ...facts, shown: password, salt: await this.#salt(ref) });
    await office.write(setSecret, { change, account: ref.id, org: ref.org, secret });
    return { ...facts, lastUsedAtMs: 0, lastUsedIp: '', lastUsedService: '', password };
  }

  async deleteAppPassword(actor: Actor, ref: AccountRef, id: CredentialId): Promise<void> {
    await this.#guard(actor, ref);
    await this.#office.write(deleteSecret, {
      change: this.#office.change(actor),
      org: ref.org,
      account: ref.id,
      id,
    });
  }

  async forward({ org, id }: AccountRef): Promise<AccountForward> {
    const found = await this.#office.store.read(function* () {
      const account = yield* maybe<{ forward_keep: number }>(
        'select forward_keep from directory_account where org = ? and id = ?',
        org,
        id,
      );
      const targets = yield* rows<{ target: string }>(
        'select target from account_forward where account = ? order by position',
        id,
      );
      return (
        account && { targets: targets.map(({ target }) => target), keepCopy: account.forward_keep === 1 }
      );
    });
    if (!found) throw new Refusal('notFound', 'no such account');
    return found;
  }

  async setForward(
    actor: Actor,
    ref: AccountRef,
    { targets, keepCopy }: AccountForward,
  ): Promise<AccountForward> {
    await this.#guard(actor, ref);
    const checked = checkedTargets(targets, 'targets', forwardTargetsMax);
    const kept = await this.#office.write(setForward, {
      change: this.#office.change(actor),
      ...ref,
      targets: checked,
      keepCopy,
    });
    return { targets: kept, keepCopy };
  }

  async sendAs(ref: AccountRef): Promise<readonly string[]> {
    await this.get(ref);
    const found = await this.#office.store.read(() =>
      rows<{ address: string }>('select address from send_as where account = ? order by address', ref.id),
    );
    return found.map(({ address }) => address);
  }

  /** Addresses, or `@domain` for all of a domain. */
  async setSendAs(actor: Actor, ref: AccountRef, addresses: readonly string[]): Promise<readonly string[]> {
    if (addresses.length > sendAsMax)
      throw new Refusal('limitReached', `at most ${sendAsMax}`, { at: 'addresses' });
    await this.#guard(actor, ref);
    const checked = [...new Set(addresses.map((address, i) => checkedSource(address, `addresses.${i}`)))];
    await this.#office.write(setSendAs, { change: this.#office.change(actor), ...ref, addresses: checked });
    return checked;
  }

  /** Somebody is let set the password of the account: noted before it is done. Refusal: notFound, notAllowed. */
  async noteInvitation(actor: Actor, ref: AccountRef, to: string): Promise<void> {
    await this.#guard(actor, ref);
    await this.#note(actor, ref, 'account.invite', { to });
  }

  /** Somebody changes how the account is read: noted before it is done. Refusal: notFound, notAllowed. */
  async noteAccess(actor: Actor, ref: AccountRef, detail: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#guard(actor, ref);
    await this.#note(actor, ref, 'account.access', detail);
  }

  /** Somebody changes what filters the account's mail: noted before it is done. Refusal: notFound, notAllowed. */
  async noteScript(actor: Actor, ref: AccountRef, detail: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#guard(actor, ref);
    await this.#note(actor, ref, 'account.script', detail);
  }

  /** Somebody teaches the classifier the account's mail, or has it forget. Refusal: notFound, notAllowed. */
  async noteClassifier(
    actor: Actor,
    ref: AccountRef,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await this.#guard(actor, ref);
    await this.#note(actor, ref, 'account.classifier', detail);
  }

  /** Somebody sets what the account may send, or whether. Refusal: notFound, notAllowed. */
  async noteSending(actor: Actor, ref: AccountRef, detail: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#guard(actor, ref);
    await this.#note(actor, ref, 'account.sending', detail);
  }

  /** Somebody begins to move mail in or out. Refusal: notFound, notAllowed. */
  async noteMoving(actor: Actor, ref: AccountRef, detail: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#guard(actor, ref);
    await this.#note(actor, ref, 'account.moving', detail);
  }

  async #note(
    actor: Actor,
    ref: AccountRef,
    action:
      | 'account.access'
      | 'account.invite'
      | 'account.script'
      | 'account.moving'
      | 'account.classifier'
      | 'account.sending',
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await this.#office.write(noteOfAccount, { change: this.#office.change(actor), ...ref, action, detail });
  }

  async #salt({ org, id }: AccountRef): Promise<Salt> {
    const found = await this.#office.store.read(() =>
      maybe<{ scram_salt: Uint8Array; scram_iterations: number }>(
        'select scram_salt, scram_iterations from directory_account where org = ? and id = ?',
        org,
        id,
      ),
    );
    if (!found) throw new Refusal('notFound', 'no such account');
    return { salt: found.scram_salt, iterations: found.scram_iterations };
  }

  /** An admin who could set an owner's password would be an owner. */
  async #guard(actor: Actor, ref: AccountRef): Promise<void> {
    const { limits } = actor;
    if (!limits || limits.owner || limits.account === ref.id) return;
    const { roles } = await this.get(ref);
    guardRoles(actor, roles);
  }
}

/** Nobody makes or takes over an account that may do more than they may themselves. */
function guardRoles({ limits }: Actor, roles: readonly Role[]): void {
  if (!limits || limits.owner) return;
  if (roles.includes('owner'))
    throw new Refusal('notAllowed', 'only an owner manages owners', { at: 'roles' });
  for (const permission of permissionsOf(roles)) {
    if (!limits.permissions.has(permission))
      throw new Refusal('notAllowed', `cannot give ${permission}`, { at: 'roles' });
  }
}

/** An address, or `@domain`: lower case, as rules are looked up. */
export function checkedSource(text: string, at: string): string {
  if (text.startsWith('@')) return `@${checkedDomain(text.slice(1), at)}`;
  return formatAddress(checkedAddress(text, at)).toLowerCase();
}

function checkedRoles(roles: readonly Role[]): readonly Role[] {
  const unknown = roles.findIndex((role) => !allRoles.includes(role));
  if (unknown !== -1) throw new Refusal('invalid', 'is not a role', { at: `roles.${unknown}` });
  return allRoles.filter((role) => roles.includes(role));
}

function checkedServices(services: readonly Service[]): readonly Service[] {
  const unknown = services.findIndex((service) => !allServices.includes(service));
  if (unknown !== -1) throw new Refusal('invalid', 'is not a service', { at: `services.${unknown}` });
  return allServices.filter((service) => services.includes(service));
}

function checkedQuota(bytes: number): number {
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw new Refusal('invalid', 'must be a number of bytes, 0 for no limit', { at: 'quotaBytes' });
}
