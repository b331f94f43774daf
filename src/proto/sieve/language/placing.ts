/**
 * Actions that put the message somewhere: `keep`, `fileinto`, `redirect` (RFC 5228, 4), with `:copy` (RFC 3894), `:flags` (RFC 5232), `:create` (RFC 5490),
 * `:mailboxid` (RFC 9042), `:specialuse` (RFC 8579), `:list` (RFC 6134), and the envelope of what is redirected (RFC 6009).
 *
 * A message goes into a mailbox once, and to an address once, however often a script says so (RFC 5228, 2.10.3): the last flags count.
 */
import type { Action, Fcc, FileInto, Redirect } from '../action.ts';
import { parseLegacyAddrSpec } from '../../mime/addr-spec.ts';
import { flatten, formatAddrSpec, parseAddresses } from '../../mime/address.ts';
import type { Call } from './call.ts';
import { type CommandDefinition, step, type TagDefinition } from './definition.ts';
import { compileFlags, flagsTag } from './flags.ts';
import { compileRedirectEnvelope, redirectEnvelopeTags } from './redirect-envelope.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import type { Text } from './text.ts';

const copyTag: TagDefinition = { name: 'copy', needs: 'copy' };

export const mailboxTags: readonly TagDefinition[] = [
  { name: 'create', needs: 'mailbox' },
  { name: 'mailboxid', value: 'string', needs: 'mailboxid' },
  { name: 'specialuse', value: 'string', needs: 'special-use' },
];

/** What the mailbox tags say of where to. */
export function compileMailboxTags(
  call: Call,
  scope: Scope,
): (run: Run) => Pick<Fcc, 'create' | 'mailboxId' | 'specialUse'> {
  const id = call.tagText('mailboxid');
  const use = call.tagText('specialuse');
  if (use?.constant !== undefined && !isUse(use.constant)) scope.error(use.at, 'specialUse', use.constant);
  // RFC 8579, 4: of several ways to name the place only one.
  if (id && use) scope.error(call.tagAt('mailboxid'), 'tagsExclude', 'mailboxid', 'specialuse');
  const create = call.has('create');
  return (run) => ({
    create,
    ...(id === undefined ? {} : { mailboxId: id.read(run) }),
    ...(use === undefined ? {} : { specialUse: use.read(run) }),
  });
}

export const isUse = (text: string): boolean => /^\\[A-Za-z][A-Za-z0-9-]*$/.test(text);

export const keep: CommandDefinition = {
  name: 'keep',
  tags: [flagsTag],
  compile(call) {
    const flags = compileFlags(call);
    return step((run) => {
      run.keep = 'cancelled';
      keepNow(run, flags(run));
    });
  },
};

export function keepNow(run: Run, flags: readonly string[], implicit = false): void {
  put(run, {
    is: 'keep',
    at: implicit ? undefined : run.at,
    rule: implicit ? 0 : run.rule,
    letter: run.letter,
    flags,
  });
}

export const fileinto: CommandDefinition = {
  name: 'fileinto',
  needs: 'fileinto',
  tags: [copyTag, flagsTag, ...mailboxTags],
  args: ['string'],
  compile(call, scope) {
    const mailbox = call.text(0);
    const flags = compileFlags(call);
    const place = compileMailboxTags(call, scope);
    const copy = call.has('copy');
    return step((run) => {
      if (!copy) run.keep = 'cancelled';
      const to = mailbox.read(run);
      put(run, {
        is: 'fileinto',
        at: run.at,
        rule: run.rule,
        letter: run.letter,
        mailbox: to,
        flags: flags(run),
        ...place(run),
      });
    });
  },
};

/** Into the same mailbox again: with these flags then. */
function put(run: Run, action: Extract<Action, { is: 'keep' | 'fileinto' }>): void {
  refuseAfterReject(run);
  const same = run.actions.findIndex((each) => samePlace(each, action));
  if (same === -1) run.act(action);
  else run.actions[same] = { ...run.actions[same]!, flags: action.flags } as Action;
}

function samePlace(a: Action, b: Extract<Action, { is: 'keep' | 'fileinto' }>): boolean {
  if (a.is !== 'keep' && a.is !== 'fileinto') return false;
  return placeOf(a) === placeOf(b);
}

function placeOf(action: Extract<Action, { is: 'keep' | 'fileinto' }>): string {
  if (action.is === 'keep') return 'INBOX';
  const { mailbox, mailboxId, specialUse }: FileInto = action;
  const name = mailbox.toLowerCase() === 'inbox' ? 'INBOX' : mailbox;
  return mailboxId === undefined && specialUse === undefined
    ? name
    : JSON.stringify([name, mailboxId, specialUse]);
}

/** RFC 5429, 2.4. */
export function refuseAfterReject(run: Run): void {
  if (run.actions.some((each) => each.is === 'reject')) throw run.error('rejectWithDelivery');
}

export const redirect: CommandDefinition = {
  name: 'redirect',
  tags: [copyTag, { name: 'list', needs: 'extlists' }, ...redirectEnvelopeTags],
  args: ['string'],
  compile(call, scope) {
    const to = call.text(0);
    const list = call.has('list');
    if (!list) checkAddress(to, scope);
    const envelope = compileRedirectEnvelope(call, scope);
    const copy = call.has('copy');
    return step((run) => {
      refuseAfterReject(run);
      const addresses = list ? membersOf(to.read(run), run) : [to.read(run)];
      for (const text of addresses) redirectTo(run, addressIn(text), { text, more: envelope(run) });
      if (!copy && addresses.length > 0) run.keep = 'cancelled';
    });
  },
};

function redirectTo(
  run: Run,
  address: string | undefined,
  { text, more }: { readonly text: string; readonly more: Partial<Redirect> },
): void {
  if (address === undefined) throw run.error('addressInvalid', text);
  const before = run.actions.filter((each) => each.is === 'redirect');
  if (before.some((each) => each.address.toLowerCase() === address.toLowerCase())) return;
  if (before.length >= run.limits.redirectsMax)
    throw run.error('tooManyRedirects', `${run.limits.redirectsMax}`);
  run.act({
    is: 'redirect',
    at: run.at,
    rule: run.rule,
    letter: run.unenclosed ?? run.letter,
    address,
    ...more,
  });
}

/** RFC 6134, 2.3. */
function membersOf(list: string, run: Run): readonly string[] {
  if (!run.ask<'listExists'>({ is: 'listExists', list })) throw run.error('listUnknown', list);
  return run.ask<'listMembers'>({ is: 'listMembers', list });
}

/** RFC 5228, 2.4.2.3: one address, perhaps with a name in front. Undefined: it is none. */
export function addressIn(text: string): string | undefined {
  const plain = parseLegacyAddrSpec(withoutBlanks(text.trim()));
  if (plain) return formatAddrSpec(plain);
  const [mailbox, ...more] = parseAddresses(text);
  if (mailbox === undefined || more.length > 0 || 'group' in mailbox) return undefined;
  if (!/<[^<>]*>/.test(text)) return undefined;
  const strict = parseLegacyAddrSpec(formatAddrSpec(mailbox));
  return strict && flatten([strict]).map(formatAddrSpec)[0];
}

/** RFC 5322, 4.4: blanks around the sign and the dots, as of old. */
const withoutBlanks = (text: string): string =>
  text.includes('"') ? text : text.replaceAll(/[ \t]*([@.])[ \t]*/g, '$1');

export function checkAddress(text: Text, scope: Scope): void {
  if (text.constant !== undefined && addressIn(text.constant) === undefined)
    scope.error(text.at, 'addressInvalid', text.constant);
}
