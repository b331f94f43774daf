/** PushSubscription/get and /set (RFC 8620, 7.2.1 and 7.2.2). They are the user's, of no account, and have no state. */
import { timingSafeEqual } from 'node:crypto';
import { idsOf, picked, propertiesOf, readSet, stringsOf } from '../../../proto/jmap/arguments.ts';
import { invalidProperties, MethodError, SetError } from '../../../proto/jmap/method-error.ts';
import { patched, touched } from '../../../proto/jmap/patch.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import type { Arguments } from '../../../proto/jmap/request.ts';
import { arePushKeys, type PushKeys } from '../../../proto/webpush/encrypt.ts';
import type { Kept } from '../../../profile/profiles.ts';
import type { HttpParts } from '../../parts.ts';
import { idOf, numberOf } from '../kept-records.ts';
import type { Answer, Context, Method } from '../method.ts';
import type { Properties } from '../records.ts';
import { checkNames } from '../set-error.ts';
import { setting } from '../setting.ts';
import { placeOf, push } from './sender.ts';
import { newCode, type SubscriptionValue, subscriptionType } from './subscription.ts';
import { pushedTypes } from './type-states.ts';

type SubscriptionParts = Pick<HttpParts, 'profiles' | 'clock' | 'pushTarget'>;

const properties = ['deviceClientId', 'url', 'keys', 'verificationCode', 'expires', 'types'] as const;
/** Days that a subscription holds, unless its client asks for less or prolongs it. */
const daysMax = 30;
const urlMaxChars = 2000;
const typesMax = 50;

export function subscriptionMethods(parts: SubscriptionParts): Readonly<Record<string, Method>> {
  return {
    'PushSubscription/get': (args, context) => get(parts, args, context),
    'PushSubscription/set': (args, context) => set(parts, args, context),
  };
}

async function get(parts: SubscriptionParts, args: Arguments, context: Context): Promise<Answer> {
  const ids = idsOf(args, 'ids');
  // The URL is a secret of the client that made it (RFC 8620, 7.2.1).
  if (stringsOf(args, 'properties')?.some((name) => name === 'url' || name === 'keys'))
    throw new MethodError('forbidden');
  const names = propertiesOf(args, ['id', ...properties.filter((name) => name !== 'url' && name !== 'keys')]);
  const live = await current(parts, context);
  const list = live.map(shown).filter(({ id }) => ids === undefined || ids.includes(id));
  const known = new Set(list.map(({ id }) => id));
  return {
    list: list.map((record) => picked(record, names)),
    notFound: (ids ?? []).filter((id) => !known.has(id)),
  };
}

const shown = ({ id, value }: Kept<SubscriptionValue>): Properties & { readonly id: string } => ({
  id: idOf(subscriptionType, id),
  deviceClientId: value.deviceClientId,
  verificationCode: value.isVerified ? value.code : null,
  expires: value.expires,
  types: value.types,
});

/** Those that have not expired; the others go. */
async function current(
  { profiles, clock }: SubscriptionParts,
  { user }: Context,
): Promise<readonly Kept<SubscriptionValue>[]> {
  const kept = await profiles.list<SubscriptionValue>(user.account, 'PushSubscription');
  const isOver = ({ value }: Kept<SubscriptionValue>): boolean => Date.parse(value.expires) <= clock.nowMs();
  const old = kept.filter(isOver).map(({ id }) => ({ is: 'destroy' as const, id }));
  await profiles.write(user.account, 'PushSubscription', old).catch(() => []);
  return kept.filter((each) => !isOver(each));
}

function set(parts: SubscriptionParts, args: Arguments, context: Context): Promise<Answer> {
  return setting(readSet(args), context, {
    create: (given) => subscribe(parts, context, given),
    update: (id, patch) => change(parts, context, { id, patch }),
    async destroy(id) {
      const { id: number } = await subscriptionOf(parts, context, id);
      await parts.profiles.write(context.user.account, 'PushSubscription', [{ is: 'destroy', id: number }]);
    },
  });
}

async function subscribe(
  parts: SubscriptionParts,
  { user }: Context,
  given: Properties,
): Promise<Properties & { readonly id: string }> {
  checkNames(Object.keys(given), { known: properties });
  const { deviceClientId, url, keys = null, verificationCode = null, expires = null, types = null } = given;
  const wrong: string[] = [];
  if (typeof deviceClientId !== 'string' || deviceClientId === '' || deviceClientId.length > 255)
    wrong.push('deviceClientId');
  const fits =
    typeof url === 'string' && url.length <= urlMaxChars && placeOf(parts.pushTarget, url) !== undefined;
  if (!fits) wrong.push('url');
  if (keys !== null && !isKeys(keys)) wrong.push('keys');
  // The server makes it.
  if (verificationCode !== null) wrong.push('verificationCode');
  if (expires !== null && !isDate(expires)) wrong.push('expires');
  if (!areTypes(types)) wrong.push('types');
  if (wrong.length > 0) throw invalidProperties(wrong);
  const until = expiry(parts, expires as string | null);
  const code = newCode();
  const value: SubscriptionValue = {
    deviceClientId: deviceClientId as string,
    url: url as string,
    keys: keys as PushKeys | null,
    code,
    isVerified: false,
    expires: until,
    types: types as readonly string[] | null,
    told: {},
    by: user.by,
    failures: 0,
  };
  const [number] = await parts.profiles.write(user.account, 'PushSubscription', [
    { is: 'create', data: JSON.stringify(value) },
  ]);
  const id = idOf(subscriptionType, number!);
  const verification = { '@type': 'PushVerification', pushSubscriptionId: id, verificationCode: code };
  // The client waits for this message, not for the answer.
  void push(parts.pushTarget, value, verification).then((pushed) => {
    if (pushed !== 'done')
      parts.pushTarget.log.info(
        { user: user.account, pushed },
        'a push service did not take its first message',
      );
  });
  return { id, ...(until !== expires && { expires: until }), ...(keys === null && { keys: null }) };
}

interface Change {
  readonly id: string;
  readonly patch: Properties;
}

async function change(
  parts: SubscriptionParts,
  context: Context,
  { id, patch }: Change,
): Promise<Properties | null> {
  const kept = await subscriptionOf(parts, context, id);
  const now = shown(kept);
  const next = patched(now, patch);
  const changed = touched(patch).filter((name) => JSON.stringify(next[name]) !== JSON.stringify(now[name]));
  checkNames(changed, { known: properties, fixed: ['deviceClientId', 'url', 'keys'] });
  const { verificationCode = null, expires = null, types = null } = next;
  const wrong: string[] = [];
  const shows = changed.includes('verificationCode');
  if (shows && !isCode(verificationCode, kept.value.code)) wrong.push('verificationCode');
  if (expires !== null && !isDate(expires)) wrong.push('expires');
  if (!areTypes(types)) wrong.push('types');
  if (wrong.length > 0) throw invalidProperties(wrong);
  const until = changed.includes('expires') ? expiry(parts, expires as string | null) : kept.value.expires;
  const value: SubscriptionValue = {
    ...kept.value,
    isVerified: kept.value.isVerified || shows,
    expires: until,
    types: types as readonly string[] | null,
  };
  await parts.profiles.write(context.user.account, 'PushSubscription', [
    { is: 'update', id: kept.id, data: JSON.stringify(value) },
  ]);
  return changed.includes('expires') && until !== expires ? { expires: until } : null;
}

async function subscriptionOf(
  parts: SubscriptionParts,
  context: Context,
  id: string,
): Promise<Kept<SubscriptionValue>> {
  const number = numberOf(subscriptionType, id);
  const kept = (await current(parts, context)).find((each) => each.id === number);
  if (kept === undefined) throw new SetError('notFound');
  return kept;
}

function isKeys(value: unknown): value is PushKeys {
  if (!isObject(value)) return false;
  const { p256dh, auth } = value;
  return typeof p256dh === 'string' && typeof auth === 'string' && arePushKeys({ p256dh, auth });
}

function isCode(given: unknown, code: string): boolean {
  const [a, b] = [Buffer.from(String(given)), Buffer.from(code)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const isDate = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(value) &&
  !Number.isNaN(Date.parse(value));

/** Types that we do not know are allowed: nothing of them will be told. */
const areTypes = (value: unknown): boolean =>
  value === null ||
  (Array.isArray(value) &&
    value.length <= Math.max(typesMax, pushedTypes.length) &&
    value.every((each) => typeof each === 'string' && /^[A-Za-z][A-Za-z0-9:._/-]{0,99}$/.test(each)));

function expiry({ clock }: SubscriptionParts, asked: string | null): string {
  const lastMs = clock.nowMs() + daysMax * 24 * 3600 * 1000;
  const untilMs = asked === null ? lastMs : Math.min(Date.parse(asked), lastMs);
  return asked !== null && untilMs === Date.parse(asked)
    ? asked
    : new Date(Math.floor(untilMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
