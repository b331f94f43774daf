/** Addresses: their parts (RFC 5228, 2.7.4; RFC 5233) and the test `address` (RFC 5228, 5.1). */
import { compileMatch, isCount, matchTags } from '../match/match-type.ts';
import {
  flatten,
  formatAddrSpec,
  isLegacyDotAtom,
  type Mailbox,
  parseAddresses,
} from '../../mime/address.ts';
import type { Call } from './call.ts';
import { type TagDefinition, test, type TestDefinition } from './definition.ts';
import { compileFieldChoice, indexTags, mimeTags } from './field-choice.ts';
import { nameOf } from './header.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import type { Text } from './text.ts';

export const addressPartTags: readonly TagDefinition[] = [
  { name: 'all', group: 'address-part' },
  { name: 'localpart', group: 'address-part' },
  { name: 'domain', group: 'address-part' },
  { name: 'user', group: 'address-part', needs: 'subaddress' },
  { name: 'detail', group: 'address-part', needs: 'subaddress' },
];

/** RFC 5233, 4: what stands between user and detail. */
const separator = '+';

export type AddressPart = (mailbox: Mailbox) => string | undefined;

const addressParts = {
  all: (mailbox) => writtenAddress(mailbox),
  localpart: (mailbox) => valid(mailbox)?.local,
  domain: (mailbox) => valid(mailbox)?.domain,
  user: (mailbox) => valid(mailbox)?.local.split(separator)[0],
  detail(mailbox) {
    const local = valid(mailbox)?.local ?? '';
    const at = local.indexOf(separator);
    return at === -1 ? undefined : local.slice(at + 1);
  },
} satisfies Readonly<Record<string, AddressPart>>;

/** As people write it: quoted only where it cannot be read otherwise. Legacy dots (`a..b@docomo.ne.jp`) can. */
const writtenAddress = (mailbox: Mailbox): string =>
  isLegacyDotAtom(mailbox.local) && mailbox.domain !== ''
    ? `${mailbox.local}@${formatAddrSpec({ local: 'x', domain: mailbox.domain }).slice(2)}`
    : formatAddrSpec(mailbox);

const valid = (mailbox: Mailbox): Mailbox | undefined =>
  mailbox.local === '' || mailbox.domain === '' ? undefined : mailbox;

export const partOfAddress = (call: Call): AddressPart =>
  addressParts[(call.chosen('address-part') ?? 'all') as keyof typeof addressParts];

export const address: TestDefinition = {
  name: 'address',
  tags: [...matchTags, ...addressPartTags, ...mimeTags, ...indexTags],
  args: ['strings', 'strings'],
  compile(call, scope) {
    const names = call.texts(0);
    const mime = call.has('mime');
    if (!mime) for (const name of names) checkName(name, scope);
    const match = compileMatch(call, scope, call.texts(1));
    const choose = compileFieldChoice(call, scope);
    const part = partOfAddress(call);
    // An empty field has an address that is empty and not valid: `:all` sees it (RFC 5228, 2.7.4), a count does not.
    const empty = isCount(call) || (call.chosen('address-part') ?? 'all') !== 'all' ? [] : [''];
    return test((run) => {
      const allowed = names
        .map((name) => nameOf(name, run))
        .filter((name) => mime || addressFields.has(name));
      const values = choose(run, allowed).flatMap((field) =>
        field.raw.trim() === '' ? empty : addressesIn(field.raw, part, run),
      );
      return match(run, { values });
    });
  },
};

/** Work for one character of a list of addresses. */
const parseCost = 4;

function addressesIn(raw: string, part: AddressPart, run: Run): string[] {
  run.spend(raw.length * parseCost);
  return flatten(parseAddresses(raw))
    .map(part)
    .filter((value) => value !== undefined);
}

/** RFC 5228, 5.1: only fields that hold addresses. A name that is known to be another is an error. */
function checkName(name: Text, scope: Scope): void {
  const { constant } = name;
  if (constant !== undefined && isFieldName(constant) && !addressFields.has(constant.toLowerCase()))
    scope.error(name.at, 'notAddressField', constant);
}

/** RFC 5322, 3.6.8. */
export const isFieldName = (name: string): boolean => /^[!-9;-~]+$/.test(name);

const addressFields = new Set([
  'from',
  'to',
  'cc',
  'bcc',
  'sender',
  'reply-to',
  'resent-from',
  'resent-to',
  'resent-cc',
  'resent-bcc',
  'resent-sender',
  'resent-reply-to',
  'return-path',
  'delivered-to',
  'x-delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
  'x-envelope-from',
  'apparently-to',
  'errors-to',
  'original-from',
  'original-recipient',
  'disposition-notification-to',
  'return-receipt-to',
  'mail-followup-to',
  'mail-reply-to',
  'x-forwarded-to',
  'x-forwarded-for',
  'for-approval',
  'for-handling',
  'for-comment',
  'x-admin',
  'read-receipt-to',
  'x-confirm-reading-to',
  'return-receipt-requested',
  'registered-mail-reply-requested-by',
  'abuse-reports-to',
  'x-complaints-to',
  'x-report-abuse-to',
  'x-beenthere',
  'x-original-from',
]);
