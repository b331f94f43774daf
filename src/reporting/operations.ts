/** The operations of reports, for the store to know them by name. */
import type { AnyOperation } from '../store/operation.ts';
import { addCounted, addJobs, claimJob, countedOf, hurryJobs, listJobs, settleJob } from './rows/counted.ts';
import {
  coverageOf,
  dropReports,
  forgetReports,
  keepDmarcReport,
  keepTlsReport,
  listDmarcReports,
  listTlsReports,
  reportedDomains,
  sourceDetails,
  sumSources,
} from './rows/received.ts';

export const operations: readonly AnyOperation[] = [
  keepDmarcReport,
  keepTlsReport,
  listDmarcReports,
  listTlsReports,
  sumSources,
  sourceDetails,
  coverageOf,
  reportedDomains,
  dropReports,
  forgetReports,
  addCounted,
  countedOf,
  addJobs,
  claimJob,
  settleJob,
  listJobs,
  hurryJobs,
];
