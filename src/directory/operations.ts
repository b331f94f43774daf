/** The directory's operations, for the store to know them by name. Others use `administration.ts`. */
import type { AnyOperation } from '../store/operation.ts';
import { listOperations } from './read/list.ts';
import { createAccount, deleteAccount, renameAccount, setForward, updateAccount } from './write/account.ts';
import { countFailure, forgetFailures } from './write/brake.ts';
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
import { deleteRewrite, deleteRoute, putRewrite, putRoute, setSendAs } from './write/route.ts';

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
  noteKeyUse,
  keepSecret,
  putRoute,
  deleteRoute,
  putRewrite,
  deleteRewrite,
  setSendAs,
  countFailure,
  forgetFailures,
  ...listOperations,
];
