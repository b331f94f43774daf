/** What the tests of contacts start from. */
import type { AccountId, OrgId } from '../base/ids.ts';
import type { Card } from '../proto/jscontact/card.ts';
import { openTestStore, type TestStore } from '../store/testing.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

export const alice = 'alice' as AccountId;
export const bob = 'bob' as AccountId;
export const acme = 'acme' as OrgId;

export const openContactStore = (): Promise<TestStore> => openTestStore({ migrations, operations });

export const cardOf = (uid: string, more: Partial<Card> = {}): Card => ({
  '@type': 'Card',
  version: '1.0',
  uid,
  name: { full: uid },
  ...more,
});
