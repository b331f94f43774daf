import { describe } from 'node:test';
import { contractOperations, mailboxesContract } from './contract/mailboxes.ts';
import { dropStoreContract } from './contract/drop-store.ts';
import { importsContract } from './contract/imports.ts';
import { snoozesContract } from './contract/snoozes.ts';
import { junkVotesContract } from './contract/junk-votes.ts';
import { modelContract } from './contract/model.ts';
import { indexedSearchContract } from './contract/indexed-search.ts';
import { sideBySideContract } from './contract/side-by-side.ts';
import { placeContract } from './contract/place.ts';
import { accountMailContract } from './contract/account-mail.ts';
import { openMailStore } from './testing.ts';

const engine = { open: () => openMailStore(contractOperations), runs: 100 };

describe('mailboxes on SQLite', () => {
  placeContract(engine);
  accountMailContract(engine);
  mailboxesContract(engine);
  importsContract(engine);
  modelContract(engine);
  sideBySideContract(engine);
  dropStoreContract(engine);
  indexedSearchContract(engine);
  junkVotesContract(engine);
  snoozesContract(engine);
});
