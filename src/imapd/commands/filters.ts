/**
 * FILTERS (RFC 5466): searches that a client has stored under a name, as annotations of the account. A filter may use others, to a certain depth.
 */
import type { SearchKey } from '../../proto/imap/command.ts';
import { parseSearchKey } from '../../proto/imap/parse-search.ts';
import { no } from '../replies.ts';
import { sharedAccount } from './metadata.ts';
import type { LoggedIn } from './run.ts';

const depthMax = 5;

/** The key with each FILTER replaced by what it stands for. */
export async function withoutFilters(session: LoggedIn, key: SearchKey, depth = 0): Promise<SearchKey> {
  switch (key.is) {
    case 'filter':
      return filterKey(session, key.name, depth);
    case 'not':
    case 'fuzzy':
      return { is: key.is, key: await withoutFilters(session, key.key, depth) };
    case 'or':
      return {
        is: 'or',
        left: await withoutFilters(session, key.left, depth),
        right: await withoutFilters(session, key.right, depth),
      };
    case 'and': {
      const keys: SearchKey[] = [];
      for (const each of key.keys) keys.push(await withoutFilters(session, each, depth));
      return { is: 'and', keys };
    }
    default:
      return key;
  }
}

async function filterKey(session: LoggedIn, name: string, depth: number): Promise<SearchKey> {
  const undefinedFilter = () => no('There is no such filter', `UNDEFINED-FILTER ${name}`);
  if (depth >= depthMax || !/^[A-Za-z0-9._-]+$/.test(name)) throw undefinedFilter();
  const text = (await valueOf(session, 'private', name)) ?? (await valueOf(session, 'shared', name));
  const key = text === undefined ? undefined : parseSearchKey(text);
  if (key === undefined) throw undefinedFilter();
  return withoutFilters(session, key, depth + 1);
}

async function valueOf(
  session: LoggedIn,
  where: 'private' | 'shared',
  name: string,
): Promise<string | undefined> {
  const { access } = session.server.parts.mailboxes;
  const { account } = session.principal;
  const entry = `/${where}/filters/values/${name.toLowerCase()}`;
  const owner = where === 'private' ? account : sharedAccount(session);
  const found = (await access.metadata(owner, undefined, account)).find((each) => each.entry === entry);
  return found && Buffer.from(found.value).toString('utf8');
}
