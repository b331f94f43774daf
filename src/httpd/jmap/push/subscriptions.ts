/** PushSubscription/get and /set (RFC 8620, 7.2.1 and 7.2.2). They are the user's, of no account, and have no state. */
import { timingSafeEqual } from 'node:crypto';
import {
  invalidArguments,
  invalidProperties,
  MethodError,
  SetError,
} from '../../../proto/jmap/method-error.ts';
import { limits } from '../../../proto/jmap/limits.ts';
import { patched, touched } from '../../../proto/jmap/patch.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import type { Arguments } from '../../../proto/jmap/request.ts';
import { arePushKeys, type PushKeys } from '../../../proto/webpush/encrypt.ts';
import type { Kept } from '../../../profile/profiles.ts';
import type { HttpParts } from '../../parts.ts';
import { idOf, numberOf } from '../kept-records.ts';
import type { Answer, Context, Method } from '../method.ts';
import { checkNames, idsOf, type Properties, setErrorOf } from '../records.ts';
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
  const names = args['properties'] ?? null;
  if (names !== null && (!Array.isArray(names) || !names.every((each) => typeof each === 'string')))
    throw invalidArguments('properties is a list of names, or null');
  // The URL is a secret of the client that made it (RFC 8620, 7.2.1).
  if (names?.some((name) => name === 'url' || name === 'keys')) throw new MethodError('forbidden');
  const strange = names?.find((name) => name !== 'id' && !properties.includes(name as never));
  if (strange !== undefined) throw invalidArguments(`no property ${strange}`);
  const live = await current(parts, context);
  const list = live.map(shown).filter(({ id }) => ids === undefined || ids.includes(id));
  const known = new Set(list.map(({ id }) => id));
  return {
    list: names === null ? list : list.map((record) => chosen(record, names)),
    notFound: (ids ?? []).filter((id) => !known.has(id)),
  };
}

const chosen = (record: Properties, names: readonly string[]): Properties =>
  Object.fromEntries(
    ['id', ...names].filter((name) => Object.hasOwn(record, name)).map((name) => [name, record[name]]),
  );

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

async function set(parts: SubscriptionParts, args: Arguments, context: Context): Promise<Answer> {
  const create = objects(args, 'create');
  const update = objects(args, 'update');
  const destroy = idsOf(args, 'destroy') ?? [];
  if (create.length + update.length + destroy.length > limits.maxObjectsInSet)
    throw new MethodError('requestTooLarge');
  const answer = {
    created: {} as Record<string, Properties>,
    updated: {} as Record<string, Properties | null>,
    destroyed: [] as string[],
    notCreated: {} as Record<string, Answer>,
    notUpdated: {} as Record<string, Answer>,
    notDestroyed: {} as Record<string, Answer>,
  };
  const attempt = async (
    failed: Record<string, Answer>,
    id: string,
    work: () => Promise<void>,
  ): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failed[id] = setErrorOf(error).answer;
    }
  };
  for (const [creationId, given] of create)
    await attempt(answer.notCreated, creationId, async () => {
      const made = await subscribe(parts, context, given);
      answer.created[creationId] = made;
      context.createdIds.set(creationId, made.id);
    });
  for (const [id, patch] of update)
    await attempt(answer.notUpdated, id, async () => {
      answer.updated[id] = await change(parts, context, { id, patch });
    });
  for (const id of destroy)
    await attempt(answer.notDestroyed, id, async () => {
      const { id: number } = await subscriptionOf(parts, context, id);
      await parts.profiles.write(context.user.account, 'PushSubscription', [{ is: 'destroy', id: number }]);
      answer.destroyed.push(id);
    });
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [name, Object.keys(value).length === 0 ? null : value]),
  );
}

function objects(args: Arguments, name: string): readonly (readonly [string, Properties])[] {
  const value = args[name] ?? null;
  if (value === null) return [];
  if (!isObject(value) || !Object.values(value).every(isObject))
    throw invalidArguments(`${name} is a map of objects, or null`);
  return Object.entries(value as Record<string, Properties>);
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
  given: string,
): Promise<Kept<SubscriptionValue>> {
  const id = given.startsWith('#') ? (context.createdIds.get(given.slice(1)) ?? '') : given;
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
