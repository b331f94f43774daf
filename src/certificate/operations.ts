/** The operations of certificates, for the store to know them by name. */
import type { AnyOperation } from '../store/operation.ts';
import {
  accountAt,
  dropCertificates,
  keepCertificate,
  keepPlan,
  setAccountUrl,
  setRenewal,
  takeLease,
} from './rows/certificates.ts';
import { dropProof, keepProof } from './rows/proofs.ts';

export const operations: readonly AnyOperation[] = [
  keepCertificate,
  setRenewal,
  dropCertificates,
  keepPlan,
  takeLease,
  accountAt,
  setAccountUrl,
  keepProof,
  dropProof,
];
