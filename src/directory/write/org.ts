/** Organisations and their domains. */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { Language } from '../account.ts';
import type { Domain, Org } from '../entities.ts';
import { domainColumns, type DomainRow } from '../read/entity.ts';
import { existing, ownDomain, recordChange, type Change } from './change.ts';

export interface OrgEdit {
  readonly name?: string;
  readonly language?: Language;
  readonly operator?: boolean;
}

export type DomainEdit = Partial<
  Pick<Domain, 'separators' | 'catchAll' | 'legacyLocalParts' | 'mtaSts' | 'bimiLogo'>
>;

export const createOrg = operation(
  'directory.createOrg',
  function* ({ change, org }: { change: Change; org: Org }): Transaction<void> {
    yield* rows(
      'insert into org (id, name, language, operator, created_at) values (?, ?, ?, ?, ?)',
      org.id,
      org.name,
      org.language,
      org.operator ? 1 : 0,
      org.createdAtMs,
    );
    yield* recordChange(change, { org: org.id, action: 'org.create', subject: org.name });
  },
);

export const updateOrg = operation(
  'directory.updateOrg',
  function* ({ change, id, edit }: { change: Change; id: string; edit: OrgEdit }): Transaction<void> {
    const now = yield* existing<{ name: string; language: string; operator: number }>(
      'organisation',
      'select name, language, operator from org where id = ?',
      id,
    );
    yield* rows(
      'update org set name = ?, language = ?, operator = ? where id = ?',
      edit.name ?? now.name,
      edit.language ?? now.language,
      edit.operator === undefined ? now.operator : edit.operator ? 1 : 0,
      id,
    );
    yield* recordChange(change, { org: id, action: 'org.update', subject: now.name, detail: { ...edit } });
  },
);

export const deleteOrg = operation(
  'directory.deleteOrg',
  function* ({ change, id }: { change: Change; id: string }): Transaction<void> {
    const { name } = yield* existing<{ name: string }>(
      'organisation',
      'select name from org where id = ?',
      id,
    );
    const used = yield* rows(
      'select name from domain where org = ? union all select name from directory_account where org = ? limit 1',
      id,
      id,
    );
    if (used.length > 0) throw new Refusal('conflict', 'the organisation still has domains or accounts');
    yield* rows('delete from api_key where org = ?', id);
    yield* rows('delete from stream where org = ?', id);
    yield* rows('delete from submitter where org = ?', id);
    yield* rows('delete from inbound_route where org = ?', id);
    yield* rows('delete from sending_domain where org = ?', id);
    yield* rows('delete from rewrite where org = ?', id);
    yield* rows('delete from sender_rules where org = ?', id);
    yield* rows('delete from filter_rules where org = ?', id);
    yield* rows('delete from org where id = ?', id);
    yield* recordChange(change, { org: id, action: 'org.delete', subject: name });
  },
  { essential: true },
);

export const createDomain = operation(
  'directory.createDomain',
  function* ({ change, domain }: { change: Change; domain: Domain }): Transaction<void> {
    yield* existing('organisation', 'select id from org where id = ?', domain.org);
    if (domain.aliasOf !== '') {
      const target = yield* ownDomain(domain.org, domain.aliasOf, 'aliasOf');
      if (target.alias_of !== '') throw new Refusal('invalid', 'an alias of an alias', { at: 'aliasOf' });
    }
    const taken = yield* maybe('select name from domain where name = ?', domain.name);
    if (taken) throw new Refusal('conflict', `${domain.name} is already a domain here`, { at: 'name' });
    yield* rows(
      `insert into domain (name, org, alias_of, separators, catch_all, legacy_local, case_sensitive, mta_sts, bimi_logo, created_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      domain.name,
      domain.org,
      domain.aliasOf,
      domain.separators,
      domain.catchAll,
      domain.legacyLocalParts ? 1 : 0,
      domain.caseSensitive ? 1 : 0,
      domain.mtaSts,
      domain.bimiLogo,
      domain.createdAtMs,
    );
    const { org, createdAtMs: _, ...detail } = domain;
    yield* recordChange(change, { org, action: 'domain.create', subject: domain.name, detail });
  },
);

interface UpdateDomain {
  readonly change: Change;
  readonly org: string;
  readonly name: string;
  readonly edit: DomainEdit;
}

export const updateDomain = operation(
  'directory.updateDomain',
  function* ({ change, org, name, edit }: UpdateDomain): Transaction<void> {
    const now = yield* existing<DomainRow>(
      'domain',
      `select ${domainColumns} from domain where name = ? and org = ?`,
      name,
      org,
    );
    yield* rows(
      'update domain set separators = ?, catch_all = ?, legacy_local = ?, mta_sts = ?, bimi_logo = ? where name = ?',
      edit.separators ?? now.separators,
      edit.catchAll ?? now.catch_all,
      edit.legacyLocalParts === undefined ? now.legacy_local : edit.legacyLocalParts ? 1 : 0,
      edit.mtaSts ?? now.mta_sts,
      edit.bimiLogo ?? now.bimi_logo,
      name,
    );
    yield* recordChange(change, { org, action: 'domain.update', subject: name, detail: { ...edit } });
  },
);

export const deleteDomain = operation(
  'directory.deleteDomain',
  function* ({ change, org, name }: { change: Change; org: string; name: string }): Transaction<void> {
    yield* existing('domain', 'select name from domain where name = ? and org = ?', name, org);
    const used = yield* rows(
      'select local from address where domain = ? union all select name from domain where alias_of = ? limit 1',
      name,
      name,
    );
    if (used.length > 0) throw new Refusal('conflict', 'the domain still has addresses or alias domains');
    yield* rows(
      'delete from rewrite where org = ? and (source = ? or source like ?)',
      org,
      `@${name}`,
      `%@${name}`,
    );
    yield* rows('delete from send_as where address = ?', `@${name}`);
    yield* rows('delete from sender_rules where org = ? and domain = ?', org, name);
    yield* rows('delete from dkim_key where domain = ?', name);
    yield* rows('delete from domain where name = ?', name);
    yield* recordChange(change, { org, action: 'domain.delete', subject: name });
  },
  { essential: true },
);
