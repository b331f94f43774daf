/** Every operation of this part, for `app` to gather. */
import { operations as search } from '../search/index-operations.ts';
import type { AnyOperation } from '../store/operation.ts';
import { indexStatus } from './index-status.ts';
import { closeVotes, openVotes, voteForMailbox } from './junk-votes.ts';
import { place, placeAll } from './place.ts';
import { accountChanges } from './changes/account-changes.ts';
import { isUnchanged } from './rules/if-unchanged.ts';
import { changeEmails, destroyEmails } from './rules/change-emails.ts';
import { createEmail } from './rules/create-email.ts';
import { changeMailbox, createMailboxWith, destroyMailbox } from './rules/mailbox-set.ts';
import { forgetUploads, putUpload } from './rules/upload.ts';
import { setAccessSetting } from './rules/access-setting.ts';
import { noteShared, setRights } from './rules/access.ts';
import { append } from './rules/append.ts';
import { accountsAfter, accountsBelow, check, recount } from './rules/check.ts';
import { dropStore, forgetStore } from './rules/drop-store.ts';
import {
  forgetImported,
  importedRows,
  importMessages,
  noteImportedFlags,
  yieldRole,
} from './rules/import.ts';
import { setMetadata } from './rules/metadata.ts';
import { setPop3Uidls, tidyPop3Uidls } from './rules/pop3-uidl.ts';
import { expunge, pendingPurges, purge } from './rules/remove.ts';
import { snooze, wake } from './rules/snooze.ts';
import { storeFlags } from './rules/store-flags.ts';
import { transfer } from './rules/transfer.ts';
import {
  createAccountStore,
  createMailbox,
  deleteMailbox,
  renameMailbox,
  setRole,
  subscribeMailbox,
} from './rules/tree.ts';
import {
  claimRecent,
  forgetPlacements,
  oldPlacements,
  raiseGeneration,
  setEmailsMax,
  setQuota,
  trimChanges,
  usageOf,
} from './rules/upkeep.ts';
import { askLeaves } from './search/ask-index.ts';
import { rankLeaves } from './search/rank.ts';
import { readSortFacts } from './search/read-sort-facts.ts';
import { searchEmails } from './search/search-emails.ts';
import { expungedSince } from './view/expunged.ts';
import { loadColumns } from './view/load.ts';
import { saveSnapshot } from './view/snapshot.ts';

export {
  deleteMailbox,
  accountsAfter,
  accountsBelow,
  check,
  createAccountStore,
  raiseGeneration,
  recount,
  setQuota,
  setRole,
  trimChanges,
};

export const operations: readonly AnyOperation[] = [
  ...search,
  accountChanges,
  isUnchanged,
  accountsAfter,
  accountsBelow,
  append,
  askLeaves,
  changeEmails,
  changeMailbox,
  check,
  claimRecent,
  closeVotes,
  expungedSince,
  createAccountStore,
  createEmail,
  createMailbox,
  createMailboxWith,
  deleteMailbox,
  destroyEmails,
  destroyMailbox,
  dropStore,
  expunge,
  forgetImported,
  forgetStore,
  forgetUploads,
  importedRows,
  importMessages,
  indexStatus,
  loadColumns,
  noteImportedFlags,
  noteShared,
  openVotes,
  place,
  placeAll,
  pendingPurges,
  purge,
  putUpload,
  raiseGeneration,
  rankLeaves,
  readSortFacts,
  recount,
  renameMailbox,
  saveSnapshot,
  searchEmails,
  setAccessSetting,
  setEmailsMax,
  setMetadata,
  setPop3Uidls,
  tidyPop3Uidls,
  setQuota,
  setRights,
  setRole,
  snooze,
  storeFlags,
  subscribeMailbox,
  transfer,
  trimChanges,
  forgetPlacements,
  oldPlacements,
  usageOf,
  yieldRole,
  voteForMailbox,
  wake,
];
