/** The directory's operations, for the store to know them by name. Others use `administration.ts`. */
import { createSubmitter, deleteStream, deleteSubmitter, putStream } from './write/application.ts';
import {
  createInboundRoute,
  deleteInboundRoute,
  rotateInboundSecret,
  deleteSendingDomain,
  putSendingDomain,
} from './write/inbound.ts';
import type { AnyOperation } from '../store/operation.ts';
import { listOperations } from './read/list.ts';
import { accountCalled } from './read/login.ts';
import { createAccount, deleteAccount, renameAccount, setForward, updateAccount } from './write/account.ts';
import { countFailure, forgetFailures, notePlace } from './write/brake.ts';
import {
  createApiKey,
  deleteApiKey,
  deleteSecret,
  keepSecret,
  noteKeyUse,
  noteUse,
  setSecret,
} from './write/credential.ts';
import { createDomain, createOrg, deleteDomain, deleteOrg, updateDomain, updateOrg } from './write/org.ts';
import { noteDeed, noteOfAccount } from './write/note.ts';
import { dueTasks, finishTask } from './write/task.ts';
import { putFilterRules } from './write/filter-rules.ts';
import { dkimKeysInMotion, domainsWithoutKeys, plainDkimKeys } from './read/dkim-key.ts';
import {
  addDkimKeys,
  forgetDkimKeys,
  moveDkimKey,
  noteDkimExport,
  noteDkimSeen,
  rewrapDkimKey,
} from './write/dkim-key.ts';
import {
  addPasskey,
  beginTotp,
  confirmTotp,
  dropFactors,
  dropPasskey,
  dropTotp,
  notePasskeyUse,
  putRecoveryCodes,
  useProof,
  useRecoveryCode,
  useTotpStep,
} from './write/factor.ts';
import { endSession, endSessions, noteSessionUse, openSession } from './write/session.ts';
import { makeSecret } from './write/secret.ts';
import { putSenderRules } from './write/sender-rules.ts';
import { deleteRewrite, deleteRoute, putRewrite, putRoute, setSendAs } from './write/route.ts';

// What `app` does for accounts elsewhere.
export { accountCalled, dueTasks, finishTask };
export { dkimKeysInMotion, domainsWithoutKeys, forgetDkimKeys, plainDkimKeys, rewrapDkimKey };

export const operations: readonly AnyOperation[] = [
  createOrg,
  updateOrg,
  deleteOrg,
  createDomain,
  updateDomain,
  deleteDomain,
  createAccount,
  updateAccount,
  renameAccount,
  deleteAccount,
  setForward,
  setSecret,
  deleteSecret,
  noteUse,
  createApiKey,
  deleteApiKey,
  putStream,
  deleteStream,
  createSubmitter,
  deleteSubmitter,
  createInboundRoute,
  deleteInboundRoute,
  rotateInboundSecret,
  putSendingDomain,
  deleteSendingDomain,
  noteKeyUse,
  openSession,
  noteSessionUse,
  endSession,
  endSessions,
  beginTotp,
  confirmTotp,
  useTotpStep,
  dropTotp,
  putRecoveryCodes,
  useRecoveryCode,
  addPasskey,
  dropPasskey,
  notePasskeyUse,
  dropFactors,
  useProof,
  keepSecret,
  putRoute,
  deleteRoute,
  putRewrite,
  deleteRewrite,
  setSendAs,
  putSenderRules,
  makeSecret,
  putFilterRules,
  noteOfAccount,
  noteDeed,
  addDkimKeys,
  moveDkimKey,
  noteDkimExport,
  noteDkimSeen,
  rewrapDkimKey,
  forgetDkimKeys,
  domainsWithoutKeys,
  dkimKeysInMotion,
  plainDkimKeys,
  accountCalled,
  dueTasks,
  finishTask,
  countFailure,
  forgetFailures,
  notePlace,
  ...listOperations,
];
