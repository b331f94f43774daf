/** The shapes of the admin API's answers, for whoever calls it from inside the program. */
export type { Account, AccountAccess, AppPassword, Usage } from './admin-api/contract-account.ts';
export type { Explained, Rewrite, Route } from './admin-api/contract-address.ts';
export type { ApiKey, AuditRecord } from './admin-api/contract-caller.ts';
export type { DkimKeyAnswer } from './admin-api/contract-dkim.ts';
export type { Domain, Org } from './admin-api/contract-org.ts';
export type { DnsAnswer } from './admin-api/contract-dns.ts';
export type { Why } from './admin-api/contract-shaping.ts';
export type { AccountSending, OrgSending, SendingUse } from './admin-api/contract-sending.ts';
export type {
  ScriptAnswer,
  ScriptInfoAnswer,
  ScriptProblems,
  TriedMails,
} from './admin-api/contract-scripts.ts';
export type {
  DmarcPath,
  DmarcReportItem,
  DmarcSource,
  ReportJobItem,
  TlsReportItem,
} from './admin-api/contract-reports.ts';
export type {
  DeadEvent,
  MadeWebhook,
  WebhookAttempt,
  WebhookEndpoint,
} from './admin-api/contract-webhooks.ts';
export type { FailureItem, OrderItem, QueueRow } from './admin-api/contract-operator.ts';
export type { TraceItem } from './admin-api/contract-traces.ts';
export type {
  ImportedList,
  SuppressionItem,
  SuppressionPolicyAnswer,
} from './admin-api/contract-suppression.ts';
