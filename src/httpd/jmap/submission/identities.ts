/**
 * Identity (RFC 8621, 6): under which addresses a user sends, with their signatures. Each address of an account has one by itself, which stays as long as the address;
 * users may make more for any address that they may send as.
 */
import type { Directory } from '../../../directory/directory.ts';
import type { Principal } from '../../../directory/principal.ts';
import type { Kept, Profiles } from '../../../profile/profiles.ts';
import { invalidProperties, SetError } from '../../../proto/jmap/method-error.ts';
import { patched, touched } from '../../../proto/jmap/patch.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import { parseMailbox } from '../../../proto/smtp/path.ts';
import { idOf, type KeptType, numberOf, stateOf, writeKept } from '../kept-records.ts';
import type { JmapUser } from '../method.ts';
import { type Call, type JmapRecord, type Properties, type RecordChanging } from '../records.ts';
import { checkNames, notFound } from '../set-error.ts';

export interface IdentityParts {
  readonly profiles: Profiles;
  readonly directory: Directory;
}

export const identityType: KeptType = { type: 'Identity', letter: 'i' };

export interface IdentityValue {
  readonly name: string;
  readonly email: string;
  readonly replyTo: readonly EmailAddress[] | null;
  readonly bcc: readonly EmailAddress[] | null;
  readonly textSignature: string;
  readonly htmlSignature: string;
  /** Made for an address of the account; goes with it. */
  readonly ofAddress?: boolean;
}

export interface EmailAddress {
  readonly name: string | null;
  readonly email: string;
}

const properties = [
  'name',
  'email',
  'replyTo',
  'bcc',
  'textSignature',
  'htmlSignature',
  'mayDelete',
] as const;
const signatureMaxBytes = 128 * 1024;
const nameMaxBytes = 1000;
const addressesMax = 50;

export function identities(parts: IdentityParts): RecordChanging {
  const { profiles } = parts;
  return {
    name: 'Identity',
    properties,
    state: async (call) => {
      await syncIdentities(parts, call);
      return stateOf(profiles, identityType, call.account.id);
    },
    get: async (call, ids) =>
      (await syncIdentities(parts, call))
        .map(shown)
        .filter(({ id }) => ids === undefined || ids.includes(id)),
    async create(call, given) {
      checkNames(Object.keys(given), { known: properties, fixed: ['mayDelete'] });
      const value = valueOf(given);
      if (!(await maySend(parts, call.context.user, value.email)))
        throw new SetError('forbiddenFrom', `you may not send as ${value.email}`);
      const [id] = await writeKept(profiles, call, {
        type: 'Identity',
        writes: [{ is: 'create', data: JSON.stringify(value) }],
      });
      const made = shown({ id: id!, value });
      const known = new Set(Object.keys(given));
      return Object.fromEntries(
        Object.entries(made).filter(([name]) => name === 'id' || !known.has(name)),
      ) as unknown as JmapRecord;
    },
    async update(call, id, patch) {
      const kept = await identityOf(parts, call, id);
      const now = shown(kept);
      const next = patched(now, patch);
      const changed = touched(patch).filter(
        (name) => JSON.stringify(next[name] ?? null) !== JSON.stringify(now[name] ?? null),
      );
      checkNames(changed, { known: properties, fixed: ['email', 'mayDelete'] });
      const { id: _, mayDelete: __, ...given } = next;
      const value = { ...valueOf(given), ...(kept.value.ofAddress && { ofAddress: true }) };
      if (changed.length > 0)
        await writeKept(profiles, call, {
          type: 'Identity',
          writes: [{ is: 'update', id: kept.id, data: JSON.stringify(value), seen: kept.data }],
        });
      return null;
    },
    async destroy(call, id) {
      const kept = await identityOf(parts, call, id);
      if (kept.value.ofAddress) throw new SetError('forbidden', 'it goes with its address');
      await writeKept(profiles, call, { type: 'Identity', writes: [{ is: 'destroy', id: kept.id }] });
    },
  };
}

/** The user as who sends mail. */
export const principalOf = ({ account, org, address, credential }: JmapUser): Principal => ({
  account,
  org,
  address,
  roles: [],
  credential,
});

/** `*@domain` where all of a domain may be used. */
function maySend({ directory }: IdentityParts, user: JmapUser, email: string): Promise<boolean> {
  const address = email.startsWith('*@') ? `any-of-it${email.slice(1)}` : email;
  return directory.maySendAs(principalOf(user), address);
}

export async function identityOf(parts: IdentityParts, call: Call, id: string): Promise<Kept<IdentityValue>> {
  const number = numberOf(identityType, id);
  const kept = (await syncIdentities(parts, call)).find((each) => each.id === number);
  if (kept === undefined) throw notFound();
  return kept;
}

/** Identities as they are, once each address has its own and none is left of an address that has gone. */
async function syncIdentities(
  { profiles, directory }: IdentityParts,
  { account }: Call,
): Promise<readonly Kept<IdentityValue>[]> {
  const owner = await directory.account(account.id);
  if (owner === undefined || !account.isPersonal) return [];
  const addresses = await directory.ownAddresses(owner.id, owner.org);
  const wanted = addresses.map((address) => (address.startsWith('@') ? `*${address}` : address));
  const kept = await profiles.list<IdentityValue>(owner.id, 'Identity');
  const ofAddress = kept.filter(({ value }) => value.ofAddress);
  const missing = wanted.filter((email) => !ofAddress.some(({ value }) => value.email === email));
  const gone = ofAddress.filter(({ value }) => !wanted.includes(value.email));
  if (missing.length === 0 && gone.length === 0) return kept;
  await profiles.write(owner.id, 'Identity', [
    ...missing.map((email) => ({
      is: 'create' as const,
      data: JSON.stringify(ownIdentity(owner.displayName, email)),
    })),
    ...gone.map(({ id }) => ({ is: 'destroy' as const, id })),
  ]);
  return profiles.list<IdentityValue>(owner.id, 'Identity');
}

const ownIdentity = (name: string, email: string): IdentityValue => ({
  name,
  email,
  replyTo: null,
  bcc: null,
  textSignature: '',
  htmlSignature: '',
  ofAddress: true,
});

const shown = ({ id, value }: Pick<Kept<IdentityValue>, 'id' | 'value'>): JmapRecord => {
  const { ofAddress = false, ...rest } = value;
  return { id: idOf(identityType, id), ...rest, mayDelete: !ofAddress };
};

function valueOf(given: Properties): IdentityValue {
  const { name = '', email, replyTo = null, bcc = null, textSignature = '', htmlSignature = '' } = given;
  const wrong: string[] = [];
  const isText = (text: unknown, maxBytes: number): text is string =>
    typeof text === 'string' && Buffer.byteLength(text) <= maxBytes;
  if (!isText(name, nameMaxBytes) || /[\r\n]/.test(name)) wrong.push('name');
  if (typeof email !== 'string' || !isAddress(email.replace(/^\*@/, 'any@'))) wrong.push('email');
  if (!areAddresses(replyTo)) wrong.push('replyTo');
  if (!areAddresses(bcc)) wrong.push('bcc');
  if (!isText(textSignature, signatureMaxBytes)) wrong.push('textSignature');
  if (!isText(htmlSignature, signatureMaxBytes)) wrong.push('htmlSignature');
  if (wrong.length > 0) throw invalidProperties(wrong);
  return { name, email, replyTo, bcc, textSignature, htmlSignature } as IdentityValue;
}

const isAddress = (text: string): boolean => parseMailbox(text) !== undefined;

function areAddresses(value: unknown): boolean {
  if (value === null) return true;
  if (!Array.isArray(value) || value.length > addressesMax) return false;
  return value.every((each) => {
    if (!isObject(each)) return false;
    const { name = null, email } = each;
    return (
      (name === null || (typeof name === 'string' && !/[\r\n]/.test(name))) &&
      typeof email === 'string' &&
      isAddress(email)
    );
  });
}
