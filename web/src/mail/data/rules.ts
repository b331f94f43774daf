/** The owner's rules and scripts, read and stored by the server's API. A script of another program is never written over. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import type {
  ScriptAnswer,
  ScriptInfoAnswer,
  TriedMails,
} from '../../../../src/httpd/admin-api/contract-scripts.ts';
import { admin, ApiError } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import { emptyBook, type RuleBook } from '../settings/rules/rule.ts';
import { bookOf, scriptOf } from '../settings/rules/sieve.ts';

/** The name under which ManageSieve shows the rules. */
export const rulesName = 'webmail-rules';

export interface RulesState {
  /** Undefined: the script was changed by another program. */
  readonly book: RuleBook | undefined;
  /** As stored; empty: there is none yet. */
  readonly source: string;
  readonly scripts: readonly ScriptInfoAnswer[];
  /** The name of the script that runs, or empty. */
  readonly active: string;
  /** How often each rule was followed, by its name. */
  readonly counts: ReadonlyMap<string, number>;
}

const path = '/me/scripts';
const scriptPath = (name: string): string => `${path}/${encodeURIComponent(name)}`;

export const rulesQuery = queryOptions({
  queryKey: ['rules'],
  queryFn: async ({ signal }): Promise<RulesState> => {
    const { items } = await admin.get<{ items: readonly ScriptInfoAnswer[] }>(path, undefined, signal);
    const active = items.find(({ stage }) => stage === 'active')?.name ?? '';
    const known = items.some(({ name }) => name === rulesName);
    const script = known ? await readScript(rulesName, signal) : undefined;
    return {
      book: script === undefined ? emptyBook : bookOf(script.source),
      source: script?.source ?? '',
      scripts: items.filter(({ stage }) => stage !== 'before'),
      active,
      counts: new Map((script?.rules ?? []).map(({ name, count }) => [name, count])),
    };
  },
});

export const useRules = () => useQuery(rulesQuery);

export const readScript = (name: string, signal?: AbortSignal): Promise<ScriptAnswer> =>
  admin.get<ScriptAnswer>(scriptPath(name), undefined, signal);

export async function storeScript(name: string, source: string): Promise<void> {
  await admin.put(scriptPath(name), { source });
  await changed();
}

export async function activate(name: string): Promise<void> {
  await admin.put('/me/script-stages/active', { script: name });
  await changed();
}

export async function deleteScript(name: string): Promise<void> {
  await admin.delete(scriptPath(name));
  await changed();
}

const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: rulesQuery.queryKey });

/** What was stored is not what the change was made from. */
export class ChangedElsewhere extends Error {}

/** Stores a change of the rules. The first rules run at once, if nothing else does. */
export async function changeRules(change: (book: RuleBook) => RuleBook): Promise<void> {
  const seen = await queries.fetchQuery({ ...rulesQuery, staleTime: 0 });
  if (seen.book === undefined) throw new ChangedElsewhere(rulesName);
  await admin.put(scriptPath(rulesName), { source: scriptOf(change(seen.book)) });
  if (seen.active === '') await admin.put('/me/script-stages/active', { script: rulesName });
  await changed();
}

/** Rules in place of whatever has their name. */
export async function beginRules(book: RuleBook): Promise<void> {
  await admin.put(scriptPath(rulesName), { source: scriptOf(book) });
  await changed();
}

interface Trial {
  readonly book: RuleBook;
  /** Its full name. */
  readonly mailbox: string;
  readonly language: 'en' | 'ja';
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What the rules would do to mail that is there (`try`), or doing it (`use`). Scripts of others are left out. */
export function runRules(
  is: 'try' | 'use',
  { book, mailbox, language, before, limit }: Trial,
): Promise<TriedMails> {
  const source = scriptOf({ ...book, behind: undefined });
  const asked = { source, mailbox, language, limit, ...(before !== undefined && { before }) };
  return admin.post<TriedMails>(is === 'try' ? '/me/script-trial' : '/me/script-use', asked);
}

/** What is wrong with a script, line by line: of one that was refused. */
export function problemsOf(error: unknown): readonly string[] {
  if (!(error instanceof ApiError)) return [];
  return error.problem?.errors?.map(({ at, detail }) => `${at}: ${detail}`) ?? [];
}
