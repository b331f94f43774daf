/** Administration of organisations and domains. */
import type { Deed } from '../write/change.ts';
import { newOrgId, type OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { maybe } from '../../store/transaction.ts';
import type { Actor } from '../actor.ts';
import type { Language } from '../account.ts';
import { formatAddress } from '../address.ts';
import type { Domain, Org, Page } from '../entities.ts';
import { domainColumns, orgColumns, toDomain, toOrg, type DomainRow, type OrgRow } from '../read/entity.ts';
import { listAllDomains, listDomains, listOrgs } from '../read/list.ts';
import {
  createDomain,
  createOrg,
  deleteDomain,
  deleteOrg,
  updateDomain,
  updateOrg,
  type DomainEdit,
  type OrgEdit,
} from '../write/org.ts';
import { noteDeed } from '../write/note.ts';
import { checkedAddress, checkedDomain, checkedName, type Office, type PageQuery } from './office.ts';

export interface NewOrg {
  readonly name: string;
  readonly language?: Language;
  readonly operator?: boolean;
}

export class Orgs {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  list(query: PageQuery = {}): Promise<Page<Org>> {
    return this.#office.page(listOrgs, '', { query, keyOf: ({ id }) => id });
  }

  async get(id: OrgId): Promise<Org> {
    const found = await this.#office.store.read(() =>
      maybe<OrgRow>(`select ${orgColumns} from org where id = ?`, id),
    );
    if (!found) throw new Refusal('notFound', 'no such organisation');
    return toOrg(found);
  }

  async create(actor: Actor, { name, language = 'en', operator = false }: NewOrg): Promise<Org> {
    const { clock } = this.#office;
    if (actor.limits) throw new Refusal('notAllowed', 'only the operator makes organisations');
    const org: Org = {
      id: newOrgId(clock),
      name: checkedName(name, 'name'),
      language,
      operator,
      createdAtMs: clock.nowMs(),
    };
    await this.#office.write(createOrg, { change: this.#office.change(actor), org });
    return org;
  }

  async update(actor: Actor, id: OrgId, edit: OrgEdit): Promise<Org> {
    if (actor.limits && edit.operator !== undefined)
      throw new Refusal('notAllowed', 'only the operator makes operators');
    const name = edit.name === undefined ? {} : { name: checkedName(edit.name, 'name') };
    await this.#office.write(updateOrg, {
      change: this.#office.change(actor),
      id,
      edit: { ...edit, ...name },
    });
    return this.get(id);
  }

  /** Somebody sets what the organisation may send. */
  async noteSending(
    actor: Actor,
    { id, name }: Pick<Org, 'id' | 'name'>,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const deed = { org: id, action: 'org.sending', subject: name, detail };
    await this.#office.write(noteDeed, { change: this.#office.change(actor), deed });
  }

  /** Notes what was changed elsewhere for an organisation. */
  async note(actor: Actor, deed: Deed): Promise<void> {
    await this.#office.write(noteDeed, { change: this.#office.change(actor), deed });
  }

  async delete(actor: Actor, id: OrgId): Promise<void> {
    if (actor.limits) throw new Refusal('notAllowed', 'only the operator deletes organisations');
    await this.#office.write(deleteOrg, { change: this.#office.change(actor), id });
  }
}

export interface NewDomain
  extends Partial<Pick<Domain, 'aliasOf' | 'legacyLocalParts' | 'caseSensitive' | 'mtaSts' | 'bimiLogo'>> {
  readonly name: string;
  readonly separators?: string;
  readonly catchAll?: string;
}

const separatorsDefault = '+';
/** Characters that may begin a subaddress: none that a name begins with or that ends a local part. */
const separatorsShape = /^[!#$%&'*+/=?^_`{|}~-]{0,4}$/;

export class Domains {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  /** Of every organisation. */
  all(query: PageQuery = {}): Promise<Page<Domain>> {
    return this.#office.page(listAllDomains, '', { query, keyOf: ({ name }) => name });
  }

  list(org: OrgId, query: PageQuery = {}): Promise<Page<Domain>> {
    return this.#office.page(listDomains, org, { query, keyOf: ({ name }) => name });
  }

  async get(org: OrgId, name: string): Promise<Domain> {
    const found = await this.named(name);
    if (found.org !== org) throw new Refusal('notFound', 'no such domain');
    return found;
  }

  /** Whosever it is. */
  async named(name: string): Promise<Domain> {
    const key = checkedDomain(name, 'name');
    const found = await this.#office.store.read(() =>
      maybe<DomainRow>(`select ${domainColumns} from domain where name = ?`, key),
    );
    if (!found) throw new Refusal('notFound', 'no such domain');
    return toDomain(found);
  }

  async create(actor: Actor, org: OrgId, input: NewDomain): Promise<Domain> {
    const domain: Domain = {
      name: checkedDomain(input.name, 'name'),
      org,
      aliasOf: input.aliasOf ? checkedDomain(input.aliasOf, 'aliasOf') : '',
      legacyLocalParts: input.legacyLocalParts ?? false,
      caseSensitive: input.caseSensitive ?? false,
      mtaSts: input.mtaSts ?? '',
      bimiLogo: checkedLogo(input.bimiLogo ?? ''),
      createdAtMs: this.#office.clock.nowMs(),
      separators: checkedSeparators(input.separators ?? separatorsDefault),
      catchAll: checkedCatchAll(input.catchAll ?? ''),
    };
    await this.#office.write(createDomain, { change: this.#office.change(actor), domain });
    return domain;
  }

  async update(actor: Actor, { org, name }: { org: OrgId; name: string }, edit: DomainEdit): Promise<Domain> {
    const checked: DomainEdit = {
      ...edit,
      ...(edit.separators === undefined ? {} : { separators: checkedSeparators(edit.separators) }),
      ...(edit.catchAll === undefined ? {} : { catchAll: checkedCatchAll(edit.catchAll) }),
      ...(edit.bimiLogo === undefined ? {} : { bimiLogo: checkedLogo(edit.bimiLogo) }),
    };
    const key = checkedDomain(name, 'name');
    await this.#office.write(updateDomain, {
      change: this.#office.change(actor),
      org,
      name: key,
      edit: checked,
    });
    return this.get(org, key);
  }

  async delete(actor: Actor, org: OrgId, name: string): Promise<void> {
    const key = checkedDomain(name, 'name');
    await this.#office.write(deleteDomain, { change: this.#office.change(actor), org, name: key });
  }
}

function checkedSeparators(text: string): string {
  if (separatorsShape.test(text)) return text;
  throw new Refusal('invalid', 'must be up to four special characters', { at: 'separators' });
}

function checkedCatchAll(text: string): string {
  return text === '' ? '' : formatAddress(checkedAddress(text, 'catchAll'));
}

/** It goes into a record whose fields end with `;` (draft-brand-indicators-for-message-identification, 4.3). */
function checkedLogo(text: string): string {
  if (text === '' || (/^https:\/\/[\x21-\x3a\x3c-\x7e]+$/.test(text) && URL.canParse(text))) return text;
  throw new Refusal('invalid', 'must be an https URL', { at: 'bimiLogo' });
}
