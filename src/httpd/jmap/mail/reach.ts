/** What a caller may see and do in an account's mail: its mailboxes, with rights (RFC 4314) as JMAP words them. */
import type { MailboxNumber } from '../../../mailbox/ids.ts';
import { mailboxNumber } from '../../../mailbox/ids.ts';
import type { MailboxInfo } from '../../../mailbox/mailbox.ts';
import { rightsOf } from '../../../mailbox/rights.ts';
import { MethodError } from '../../../proto/jmap/method-error.ts';
import type { Arguments } from '../../../proto/jmap/request.ts';
import type { HttpParts } from '../../parts.ts';
import type { Context, JmapAccount } from '../method.ts';

export interface Place {
  readonly info: MailboxInfo;
  readonly number: MailboxNumber;
  /** Letters of RFC 4314. */
  readonly rights: string;
}

export interface Reach {
  readonly account: JmapAccount;
  /** Those that may be looked up, by id. */
  readonly places: ReadonlyMap<string, Place>;
  /** Mailboxes whose mail may be read; undefined: all there are. */
  readonly readable: readonly MailboxNumber[] | undefined;
}

export async function reachOf(
  parts: Pick<HttpParts, 'mailboxes'>,
  args: Arguments,
  context: Context,
): Promise<Reach> {
  return reachOfAccount(parts, await context.account(args), context);
}

export async function reachOfAccount(
  { mailboxes }: Pick<HttpParts, 'mailboxes'>,
  account: JmapAccount,
  { user }: Pick<Context, 'user'>,
): Promise<Reach> {
  const who = { account: user.account, org: user.org, owner: account.id };
  const all = (await mailboxes.list(account.id)).map(
    (info): Place => ({
      info,
      number: mailboxNumber(info.id)!,
      rights: rightsOf(info.acl, who),
    }),
  );
  const places = new Map(
    all.filter(({ rights }) => rights.includes('l')).map((place) => [place.info.id, place]),
  );
  const reads = all.filter(({ rights }) => rights.includes('l') && rights.includes('r'));
  const readable =
    reads.length === all.length && account.isPersonal ? undefined : reads.map(({ number }) => number);
  return { account, places, readable };
}

/** Mailboxes that are told of: also those whose mail may not be read. Undefined: all there are. */
export const visible = ({ account, places }: Reach): readonly MailboxNumber[] | undefined =>
  account.isPersonal ? undefined : [...places.values()].map(({ number }) => number);

/** MethodError when the account is one that may only be read. */
export function mustWrite({ account }: Reach): void {
  if (account.isReadOnly) throw new MethodError('accountReadOnly');
}

/** An id, with `#` and a creation id resolved; undefined for a creation that there was not. */
export function resolvedId({ createdIds }: Pick<Context, 'createdIds'>, id: string): string | undefined {
  return id.startsWith('#') ? createdIds.get(id.slice(1)) : id;
}

/** Numbers of ids, with the ids as they were asked for; those that are none of ours are `notFound`. */
export function numbersOf(
  context: Pick<Context, 'createdIds'>,
  ids: readonly string[],
  numberOf: (id: string) => number | undefined,
): { readonly found: ReadonlyMap<number, string>; readonly notFound: string[] } {
  const found = new Map<number, string>();
  const notFound: string[] = [];
  for (const id of ids) {
    const resolved = resolvedId(context, id);
    const number = resolved === undefined ? undefined : numberOf(resolved);
    if (number === undefined) notFound.push(id);
    else found.set(number, id);
  }
  return { found, notFound };
}
