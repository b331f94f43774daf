/** What the tests of mailboxes, and of servers that read them, start from. */
import type { AccountId } from '../base/ids.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import type { AnyOperation } from '../store/operation.ts';
import type { StoredBody } from '../store/body.ts';
import { openTestStore, type TestStore } from '../store/testing.ts';
import type { Store } from '../store/store.ts';
import { prepareEmail } from './email-facts.ts';
import { noFlags, type Flags } from './flags.ts';
import { Mailboxes, type NewMessage } from './mailboxes.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import { check } from './rules/check.ts';
import type { Placement } from './place.ts';

export const alice = 'alice' as AccountId;
export const bob = 'bob' as AccountId;

/** `more` operations are a test's own. */
export const openMailStore = (more: readonly AnyOperation[] = []): Promise<TestStore> =>
  openTestStore({ migrations: [...eventMigrations, ...migrations], operations: [...operations, ...more] });

export const mailboxesOf = (store: Store, more: { snapshotMin?: number } = {}): Mailboxes =>
  new Mailboxes({ store, clock: systemClock, log: silentLog, metrics: noMetrics, ...more });

/** A message from text with LF line ends. */
export function message(text: string, more: { flags?: Flags; receivedAtMs?: number } = {}): NewMessage {
  const bytes = Buffer.from(text.replaceAll('\n', '\r\n'));
  const body: StoredBody = { is: 'inline', bytes };
  return {
    flags: more.flags ?? noFlags,
    receivedAtMs: more.receivedAtMs ?? 1_700_000_000_000,
    body,
    email: prepareEmail(bytes),
  };
}

export const simple = (subject: string): NewMessage =>
  message(
    `From: Bob <bob@there.test>\nTo: alice@here.test\nSubject: ${subject}\nMessage-ID: <${subject}@there.test>\n\nHello from ${subject}.\n`,
  );

export function placement(key: string, more: Partial<Placement> & { text?: string } = {}): Placement {
  const { text = `Subject: ${key}\n\nHello.\n`, ...rest } = more;
  const { body, email, receivedAtMs } = message(text);
  return {
    account: alice,
    mailbox: { role: 'inbox' },
    key,
    flags: 0,
    keywords: [],
    receivedAtMs,
    body,
    email,
    events: [],
    ...rest,
  };
}

/** What `hikyaku check` would say. */
export const problemsOf = async (store: Store, account: AccountId = alice): Promise<readonly string[]> =>
  (await store.scan(check, { account })).map((problem) => problem.what);
