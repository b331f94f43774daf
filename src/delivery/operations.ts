/** Delivery's operations, for the store to know them by name. */
import type { AnyOperation } from '../store/operation.ts';
import { filterOperation } from './sieve/filter-operation.ts';
import { addTlsCounts, forgetOldTls, tlsCountsOf, tlsCountsOfDomain } from './tls/result-rows.ts';
import { keepPolicy } from './tls/sts-rows.ts';

export const operations: readonly AnyOperation[] = [
  filterOperation,
  keepPolicy,
  addTlsCounts,
  tlsCountsOf,
  tlsCountsOfDomain,
  forgetOldTls,
];
