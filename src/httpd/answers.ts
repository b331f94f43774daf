/** The shapes of the admin API's answers, for whoever calls it from inside the program. */
export type {
  Account,
  AccountAccess,
  ApiKey,
  AppPassword,
  AuditRecord,
  Domain,
  Org,
  Rewrite,
  Route,
} from './admin-api/contract.ts';
export type { DnsAnswer } from './admin-api/contract-dns.ts';
export type { Explained, Usage } from './admin-api/contract-directory.ts';
