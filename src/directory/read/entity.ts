/** Rows of the directory's tables as the values they stand for. */
import type { AccountId, CredentialId, OrgId } from '../../base/ids.ts';
import type { Account, Language, Role } from '../account.ts';
import type {
  ApiKey,
  AppPassword,
  AuditRecord,
  Domain,
  KeyScope,
  Org,
  Rewrite,
  StsMode,
} from '../entities.ts';
import type { Service } from '../principal.ts';
import { limitsOf } from './application.ts';

/** A comma-separated list; `''` is the empty one. */
export function listOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(',');
}

export const accountColumns =
  'org, id, name, display_name, language, quota, roles, disabled, created_at, version';
export interface AccountRow {
  readonly org: string;
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly language: string;
  readonly quota: number;
  readonly roles: string;
  readonly disabled: number;
  readonly created_at: number;
  readonly version: number;
}

export function toAccount(row: AccountRow): Account {
  return {
    id: row.id as AccountId,
    org: row.org as OrgId,
    name: row.name,
    displayName: row.display_name,
    language: row.language as Language,
    quotaBytes: row.quota,
    roles: listOf(row.roles) as readonly Role[],
    disabled: row.disabled === 1,
    createdAtMs: row.created_at,
    version: row.version,
  };
}

export const orgColumns = 'id, name, language, operator, created_at';
export interface OrgRow {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly operator: number;
  readonly created_at: number;
}

export function toOrg(row: OrgRow): Org {
  return {
    id: row.id as OrgId,
    name: row.name,
    language: row.language as Language,
    operator: row.operator === 1,
    createdAtMs: row.created_at,
  };
}

export const domainColumns =
  'name, org, alias_of, separators, catch_all, legacy_local, case_sensitive, mta_sts, bimi_logo, created_at';
export interface DomainRow {
  readonly name: string;
  readonly org: string;
  readonly alias_of: string;
  readonly separators: string;
  readonly catch_all: string;
  readonly legacy_local: number;
  readonly case_sensitive: number;
  readonly mta_sts: string;
  readonly bimi_logo: string;
  readonly created_at: number;
}

export function toDomain(row: DomainRow): Domain {
  return {
    name: row.name,
    org: row.org as OrgId,
    aliasOf: row.alias_of,
    separators: row.separators,
    catchAll: row.catch_all,
    legacyLocalParts: row.legacy_local === 1,
    caseSensitive: row.case_sensitive === 1,
    mtaSts: row.mta_sts as StsMode,
    bimiLogo: row.bimi_logo,
    createdAtMs: row.created_at,
  };
}

export const appPasswordColumns =
  'id, account, name, services, created_at, expires_at, last_used_at, last_used_ip, last_used_service';
export interface AppPasswordRow {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly services: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly last_used_at: number;
  readonly last_used_ip: string;
  readonly last_used_service: string;
}

export function toAppPassword(row: AppPasswordRow): AppPassword {
  return {
    id: row.id as CredentialId,
    account: row.account as AccountId,
    name: row.name,
    services: listOf(row.services) as readonly Service[],
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    lastUsedAtMs: row.last_used_at,
    lastUsedIp: row.last_used_ip,
    lastUsedService: row.last_used_service,
  };
}

export const apiKeyColumns =
  'id, org, account, name, scopes, limits, created_by, created_at, expires_at, last_used_at';
export interface ApiKeyRow {
  readonly id: string;
  readonly org: string;
  readonly account: string;
  readonly name: string;
  readonly scopes: string;
  readonly limits: string;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly last_used_at: number;
}

export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id as CredentialId,
    org: row.org as OrgId | '',
    account: row.account as AccountId | '',
    name: row.name,
    scopes: listOf(row.scopes) as readonly KeyScope[],
    limits: limitsOf(row.limits),
    createdBy: row.created_by,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    lastUsedAtMs: row.last_used_at,
  };
}

export interface RewriteRow {
  readonly direction: string;
  readonly source: string;
  readonly org: string;
  readonly target: string;
  readonly place: string;
  readonly created_at: number;
}

export function toRewrite(row: RewriteRow): Rewrite {
  return {
    direction: row.direction as Rewrite['direction'],
    from: row.source,
    org: row.org as OrgId,
    to: row.target,
    where: row.place as Rewrite['where'],
    createdAtMs: row.created_at,
  };
}

export interface AuditRow {
  readonly org: string;
  readonly at: number;
  readonly id: string;
  readonly actor: string;
  readonly ip: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

export function toAuditRecord(row: AuditRow): AuditRecord {
  return {
    atMs: row.at,
    id: row.id,
    org: row.org as OrgId | '',
    by: row.actor,
    ip: row.ip,
    action: row.action,
    subject: row.subject,
    detail: JSON.parse(row.detail) as AuditRecord['detail'],
  };
}
