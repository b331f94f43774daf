/** Administration of rewriting rules and API keys, and the audit log. */
import { newCredentialId, newSecret, type AccountId, type CredentialId, type OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { hashApiKey } from '../auth/hashing.ts';
import type { ApiKey, AuditRecord, KeyScope, Page, Rewrite, SendLimits } from '../entities.ts';
import { permissions, type Permission } from '../permission.ts';
import { services } from '../principal.ts';
import { listAllAudit, listApiKeys, listAudit, listRewrites } from '../read/list.ts';
import type { Deed } from '../write/change.ts';
import { createApiKey, deleteApiKey } from '../write/credential.ts';
import { noteDeed } from '../write/note.ts';
import { deleteRewrite, putRewrite } from '../write/route.ts';
import { checkedSource } from './accounts.ts';
import { checkedLimits } from './applications.ts';
import { checkedName, checkedTime, type Office, type PageQuery } from './office.ts';

export type RewriteInput = Pick<Rewrite, 'direction' | 'from' | 'to'> & Partial<Pick<Rewrite, 'where'>>;

export class Rewrites {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  list(org: OrgId, query: PageQuery = {}): Promise<Page<Rewrite>> {
    return this.#office.page(listRewrites, org, {
      query,
      keyOf: ({ direction, from }) => `${direction} ${from}`,
    });
  }

  /** Creates or replaces. `from` must be of the organisation's own domains; the local part stays when both are whole domains. */
  async put(
    actor: Actor,
    org: OrgId,
    { direction, from, to, where = 'both' }: RewriteInput,
  ): Promise<Rewrite> {
    const source = checkedSource(from, 'from');
    const target = checkedSource(to, 'to');
    if (target.startsWith('@') && !source.startsWith('@')) {
      throw new Refusal('invalid', 'must be an address when `from` is one', { at: 'to' });
    }
    const createdAtMs = this.#office.clock.nowMs();
    const rewrite: Rewrite = { org, direction, from: source, to: target, where, createdAtMs };
    await this.#office.write(putRewrite, { change: this.#office.change(actor), rewrite });
    return rewrite;
  }

  async delete(
    actor: Actor,
    org: OrgId,
    { direction, from }: Pick<Rewrite, 'direction' | 'from'>,
  ): Promise<void> {
    const change = this.#office.change(actor);
    await this.#office.write(deleteRewrite, { change, org, direction, from: checkedSource(from, 'from') });
  }
}

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  readonly account?: AccountId | '';
  readonly limits?: SendLimits;
  readonly expiresAtMs?: number;
}

export interface ApiKeyShown extends ApiKey {
  /** Told once. */
  readonly key: string;
}

/** 192 bits: 32 characters of base64url. */
const keyBytes = 24;
const mailScopes: readonly string[] = services.map((service) => `mail:${service}`);

export class ApiKeys {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  /** `org` `''`: the operator's keys. */
  list(org: OrgId | '', query: PageQuery = {}): Promise<Page<ApiKey>> {
    return this.#office.page(listApiKeys, org, { query, keyOf: ({ id }) => id });
  }

  async create(actor: Actor, org: OrgId | '', input: NewApiKey): Promise<ApiKeyShown> {
    const { account = '' } = input;
    const scopes = checkedScopes(actor, input.scopes, account);
    if (org === '' && account !== '')
      throw new Refusal('invalid', 'belongs to no organisation', { at: 'account' });
    if (org === '' && actor.limits)
      throw new Refusal('notAllowed', "only the operator makes the operator's keys");
    const change = this.#office.change(actor);
    const key: ApiKey = {
      id: newCredentialId(this.#office.clock),
      org,
      account,
      name: checkedName(input.name, 'name'),
      scopes,
      limits: checkedLimits(input.limits),
      createdBy: actor.by,
      createdAtMs: change.atMs,
      expiresAtMs: checkedTime(input.expiresAtMs, 'expiresAtMs'),
      lastUsedAtMs: 0,
    };
    const secret = newSecret(keyBytes);
    await this.#office.write(createApiKey, { change, key, hash: hashApiKey(secret) });
    return { ...key, key: `hk_${key.id}_${secret}` };
  }

  async delete(actor: Actor, org: OrgId | '', id: CredentialId): Promise<void> {
    await this.#office.write(deleteApiKey, { change: this.#office.change(actor), org, id });
  }
}

/** Nobody gives a key more than they have themselves; mail of an account is given by that account, or by who manages accounts. */
function checkedScopes(
  { limits }: Actor,
  scopes: readonly KeyScope[],
  account: AccountId | '',
): readonly KeyScope[] {
  if (scopes.length === 0) throw new Refusal('invalid', 'must not be empty', { at: 'scopes' });
  for (const [i, scope] of scopes.entries()) {
    const at = `scopes.${i}`;
    const isMail = mailScopes.includes(scope);
    if (!isMail && scope !== 'all' && !permissions.includes(scope as Permission)) {
      throw new Refusal('invalid', 'is not a scope', { at });
    }
    if (isMail && account === '') throw new Refusal('invalid', 'needs an account', { at });
    if (limits && !mayGive(limits, scope, { isMail, account }))
      throw new Refusal('notAllowed', `cannot give ${scope}`, { at });
  }
  return [...new Set(scopes)];
}

function mayGive(
  { permissions: has, owner, account: own }: NonNullable<Actor['limits']>,
  scope: KeyScope,
  { isMail, account }: { isMail: boolean; account: string },
): boolean {
  if (isMail) return account === own || owner;
  return scope === 'all' ? permissions.every((each) => has.has(each)) : has.has(scope as Permission);
}

export class Audit {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  /** Every change on this server, the newest first. */
  all(query: PageQuery = {}): Promise<Page<AuditRecord>> {
    return this.#office.page(listAllAudit, '', { query, keyOf });
  }

  /** The newest first. `org` `''`: changes of no organisation (the operator's keys). */
  list(org: OrgId | '', query: PageQuery = {}): Promise<Page<AuditRecord>> {
    return this.#office.page(listAudit, org, { query, keyOf });
  }

  /** Something is changed that others keep. */
  async note(actor: Actor, deed: Deed): Promise<void> {
    await this.#office.write(noteDeed, { change: this.#office.change(actor), deed });
  }
}

function keyOf({ atMs, id }: AuditRecord): string {
  return `${atMs} ${id}`;
}
