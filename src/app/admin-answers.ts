/** What the admin API answers, for the command line, which sees the program through `app` alone. */
export type { JourneyStep } from '../events/journey.ts';
export type { LedgerEvent } from '../events/ledger.ts';
export type { Learned } from '../httpd/parts.ts';
export type {
  Account,
  AccountSending,
  OrgSending,
  SendingUse,
  ImportedList,
  SuppressionItem,
  SuppressionPolicyAnswer,
  AccountAccess,
  ApiKey,
  AppPassword,
  AuditRecord,
  DkimKeyAnswer,
  DnsAnswer,
  Domain,
  DmarcPath,
  DmarcReportItem,
  DmarcSource,
  Explained,
  ReportJobItem,
  Org,
  Rewrite,
  Route,
  ScriptAnswer,
  ScriptInfoAnswer,
  ScriptProblems,
  TlsReportItem,
  TraceItem,
  FailureItem,
  OrderItem,
  QueueRow,
  DeadEvent,
  MadeWebhook,
  WebhookAttempt,
  WebhookEndpoint,
  TriedMails,
  Usage,
  Why,
} from '../httpd/answers.ts';
export type { Quarantined } from '../queue/quarantine.ts';
export type { FilterRules, RuleCondition } from '../directory/filter-rules.ts';
export type { SenderRules } from '../directory/sender-rules.ts';
export type { DestinationSummary, ListedEntry, Managed, ShownMessage, Sweep } from '../queue/filter.ts';
