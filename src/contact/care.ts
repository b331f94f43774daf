/** What is done when an account is gone. */
import type { AccountId } from '../base/ids.ts';
import type { Store } from '../store/store.ts';
import { dropContacts, emptiedTables } from './rows/care.ts';

export { emptiedTables };

export const dropContactsOf = (store: Store, account: AccountId): Promise<void> =>
  store.write(dropContacts, { account });
