/**
 * What the classifier is taught, and what it has learned: of each account, and of each organisation from all of its accounts.
 *
 * Both are told of each lesson, each in a transaction of its own; telling it again changes nothing (classifier/lesson-rows.ts).
 */
import type { Store } from '../store/store.ts';
import {
  dropScope,
  forgetLessons,
  headOf,
  learn,
  learnedOrgs,
  oldLessons,
  type ScopeHead,
} from './classifier/lesson-rows.ts';
import { speaksFrom } from './classifier/score.ts';
import { learnedMaxBytes, storedTokens } from './classifier/stored-tokens.ts';
import type { Label } from './classifier/tally.ts';
import { packHashes } from './classifier/token-hash.ts';

export { learnedMaxBytes };
export type { Label };

/** Lessons of one label that are kept: about 2 KB each. */
const lessonsMax = { account: 1000, org: 2000 } as const;
const lessonKeptMs = 2 * 365 * 24 * 60 * 60 * 1000;
const oldAtOnce = 500;

export interface Taught {
  readonly account: string;
  readonly org: string;
  /** Of the account. */
  readonly email: number;
  readonly label: Label | 'nothing';
  readonly atMs: number;
  /** The mail from its beginning, `learnedMaxBytes` at most; of what is forgotten nothing is needed. */
  readonly message: Buffer;
}

export type Scope = { readonly is: 'account' | 'org'; readonly id: string };

export const scopeKey = ({ is, id }: Scope): string => `${is}/${id}`;

export async function teach(store: Store, taught: Taught): Promise<void> {
  const { account, org, email, label, atMs, message } = taught;
  const tokens = label === 'nothing' ? new Uint8Array() : packHashes(storedTokens(message));
  const lesson = { mail: `${account}/${email}`, label, atMs, tokens };
  for (const scope of [
    { is: 'account', id: account },
    { is: 'org', id: org },
  ] as const)
    await store.write(learn, { ...lesson, scope: scopeKey(scope), max: lessonsMax[scope.is] });
}

export interface Learned extends Pick<ScopeHead, 'spam' | 'ham'> {
  /** It has learned enough to say something. */
  readonly speaks: boolean;
  /** Of each kind it takes so many. */
  readonly speaksFrom: number;
}

export async function learnedOf(store: Store, scope: Scope): Promise<Learned> {
  const { spam, ham } = await store.read(() => headOf(scopeKey(scope)));
  return { spam, ham, speaks: Math.min(spam, ham) >= speaksFrom, speaksFrom };
}

/** Forgets all that was learned from an account, also in its organisation. Gives how many lessons of its own those were. */
export async function forgetAccount(store: Store, account: string, org: string | undefined): Promise<number> {
  if (org !== undefined)
    await store.write(forgetLessons, {
      scope: scopeKey({ is: 'org', id: org }),
      of: `${account}/`,
      max: lessonsMax.org,
    });
  return store.write(forgetLessons, {
    scope: scopeKey({ is: 'account', id: account }),
    of: '',
    max: lessonsMax.account,
  });
}

/** Of an account that is gone: nothing is left, here or in its organisation. */
export async function dropLessonsOf(
  store: Store,
  { account, org }: { readonly account: string; readonly org: string },
): Promise<void> {
  await forgetAccount(store, account, org);
  await store.write(dropScope, scopeKey({ is: 'account', id: account }));
}

/** What organisations have learned that are gone. */
export async function dropLessonsOfGoneOrgs(
  store: Pick<Store, 'write' | 'scan'>,
  isThere: (org: string) => Promise<boolean>,
): Promise<void> {
  for (const id of await store.scan(learnedOrgs, undefined))
    if (!(await isThere(id))) await store.write(dropScope, scopeKey({ is: 'org', id }));
}

/** Forgets what an organisation has learned; its accounts keep theirs. */
export const forgetOrg = (store: Store, org: string): Promise<number> =>
  store.write(forgetLessons, { scope: scopeKey({ is: 'org', id: org }), of: '', max: lessonsMax.org });

/** Once a day: what is too old to say what mail is like now. Gives how many lessons went. */
export async function tidyLessons(store: Store, nowMs: number, signal?: AbortSignal): Promise<number> {
  for (let count = 0; ; ) {
    const old = await store.scan(oldLessons, { beforeMs: nowMs - lessonKeptMs, limit: oldAtOnce });
    for (const { scope, mail } of old) {
      const max = scope.startsWith('org/') ? lessonsMax.org : lessonsMax.account;
      await store.write(learn, { scope, mail, label: 'nothing', atMs: nowMs, tokens: new Uint8Array(), max });
      signal?.throwIfAborted();
    }
    count += old.length;
    if (old.length < oldAtOnce) return count;
  }
}
