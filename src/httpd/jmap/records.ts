/**
 * The standard methods /get, /changes and /set (RFC 8620, 5.1 to 5.3) over a type of records that says how its own are read and changed.
 */
import { Refusal } from '../../base/refusal.ts';
import { limits } from '../../proto/jmap/limits.ts';
import { invalidArguments, invalidProperties, MethodError, SetError } from '../../proto/jmap/method-error.ts';
import { isObject } from '../../proto/jmap/pointer.ts';
import { type Arguments, isId } from '../../proto/jmap/request.ts';
import type { Answer, Context, JmapAccount, Method } from './method.ts';

export type JmapRecord = Readonly<Record<string, unknown>> & { readonly id: string };
export type Properties = Readonly<Record<string, unknown>>;

/** One call on one account. */
export interface Call {
  readonly account: JmapAccount;
  readonly context: Context;
  readonly args: Arguments;
}

export interface RecordReading {
  readonly name: string;
  /** Beside `id`, in the order in which they are given. Undefined: any name may be asked for. */
  readonly properties: readonly string[] | undefined;
  /** Arguments of /get beside the standard ones are read by `get` itself. */
  readonly get: (call: Call, ids: readonly string[] | undefined) => Promise<readonly JmapRecord[]>;
  readonly state: (call: Call) => Promise<string>;
}

export interface RecordChanges {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly destroyed: readonly string[];
  readonly newState: string;
  readonly hasMoreChanges: boolean;
}

export interface RecordChanging extends RecordReading {
  /** Gives what the server has set, `id` among it. Throws SetError or Refusal. */
  readonly create?: (call: Call, properties: Properties, creationId: string) => Promise<JmapRecord>;
  /** Gives what the server has changed beyond the patch, or null. */
  readonly update?: (call: Call, id: string, patch: Properties) => Promise<Properties | null>;
  readonly destroy?: (call: Call, id: string) => Promise<void>;
}

export const callOf = async (args: Arguments, context: Context): Promise<Call> => ({
  account: await context.account(args),
  context,
  args,
});

export function getMethod(type: RecordReading): Method {
  return async (args, context) => {
    const call = await callOf(args, context);
    const ids = idsOf(args, 'ids');
    const names = propertiesOf(args, type.properties);
    if (ids !== undefined && ids.length > limits.maxObjectsInGet) throw new MethodError('requestTooLarge');
    const wanted = ids === undefined ? undefined : [...new Set(ids)];
    // The state is read first: what is newer than it is told again.
    const state = await type.state(call);
    const found = await type.get(call, wanted);
    if (found.length > limits.maxObjectsInGet) throw new MethodError('requestTooLarge');
    const known = new Set(found.map(({ id }) => id));
    return {
      accountId: call.account.id,
      state,
      list: names === undefined ? found : found.map((record) => chosen(record, names)),
      notFound: (wanted ?? []).filter((id) => !known.has(id)),
    };
  };
}

/** Undefined: the argument is null or absent. */
export function idsOf(args: Arguments, name: string): readonly string[] | undefined {
  const value = args[name] ?? null;
  if (value === null) return undefined;
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
    throw invalidArguments(`${name} is a list of Ids, or null`);
  return value;
}

function propertiesOf(
  { properties = null }: Arguments,
  known: readonly string[] | undefined,
): readonly string[] | undefined {
  if (properties === null) return undefined;
  if (!Array.isArray(properties) || !properties.every((each) => typeof each === 'string'))
    throw invalidArguments('properties is a list of names, or null');
  const strange = known && properties.find((each) => each !== 'id' && !known.includes(each));
  if (strange !== undefined) throw invalidArguments(`no property ${strange}`);
  return ['id', ...properties.filter((each) => each !== 'id')];
}

const chosen = (record: JmapRecord, names: readonly string[]): Properties =>
  Object.fromEntries(names.filter((name) => Object.hasOwn(record, name)).map((name) => [name, record[name]]));

/** `changes` gives undefined for a state that is unknown or too old. */
export function changesMethod(
  changes: (call: Call, since: string, max: number) => Promise<RecordChanges | undefined>,
): Method {
  return async (args, context) => {
    const call = await callOf(args, context);
    const { sinceState, maxChanges = null } = args;
    if (typeof sinceState !== 'string') throw invalidArguments('sinceState is a String');
    if (maxChanges !== null && (!Number.isSafeInteger(maxChanges) || (maxChanges as number) < 1))
      throw invalidArguments('maxChanges is above 0');
    const max = Math.min((maxChanges as number | null) ?? limits.maxObjectsInGet, limits.maxObjectsInGet);
    const found = await changes(call, sinceState, max);
    if (found === undefined) throw new MethodError('cannotCalculateChanges');
    return { accountId: call.account.id, oldState: sinceState, ...found };
  };
}

interface Done {
  readonly created: Record<string, Properties>;
  readonly updated: Record<string, Properties | null>;
  readonly destroyed: string[];
  readonly notCreated: Record<string, Answer>;
  readonly notUpdated: Record<string, Answer>;
  readonly notDestroyed: Record<string, Answer>;
}

/** What was asked and what came of it. */
export interface SetCall extends Call {
  readonly done: Done;
}

/** `after` does what follows success (`onSuccess…`), and gives more of the answer. */
export function setMethod(type: RecordChanging, after?: (call: SetCall) => Promise<Answer | void>): Method {
  return async (args, context) => {
    const call = await callOf(args, context);
    const asked = setArguments(args);
    const oldState = await type.state(call);
    if (asked.ifInState !== null && asked.ifInState !== oldState) throw new MethodError('stateMismatch');
    if (call.account.isReadOnly) throw new MethodError('accountReadOnly');
    const done: Done = {
      created: {},
      updated: {},
      destroyed: [],
      notCreated: {},
      notUpdated: {},
      notDestroyed: {},
    };
    for (const [creationId, properties] of asked.create)
      await attempt(done.notCreated, creationId, async () => {
        if (type.create === undefined) throw new SetError('forbidden');
        const made = await type.create(call, properties, creationId);
        done.created[creationId] = made;
        context.createdIds.set(creationId, made.id);
      });
    // Ids of records that were just made can be meant (RFC 8620, 5.3).
    const real = (id: string): string =>
      id.startsWith('#') ? (context.createdIds.get(id.slice(1)) ?? id) : id;
    const doomed = new Set(asked.destroy.map(real));
    for (const [given, patch] of asked.update) {
      const id = real(given);
      await attempt(done.notUpdated, given, async () => {
        if (doomed.has(id)) throw new SetError('willDestroy');
        if (type.update === undefined) throw new SetError('forbidden');
        done.updated[id] = await type.update(call, id, patch);
      });
    }
    for (const given of asked.destroy) {
      const id = real(given);
      await attempt(done.notDestroyed, given, async () => {
        if (type.destroy === undefined) throw new SetError('forbidden');
        await type.destroy(call, id);
        done.destroyed.push(id);
      });
    }
    const more = await after?.({ ...call, done });
    const answer = {
      accountId: call.account.id,
      oldState,
      newState: await type.state(call),
      created: orNull(done.created),
      updated: orNull(done.updated),
      destroyed: done.destroyed.length === 0 ? null : done.destroyed,
      notCreated: orNull(done.notCreated),
      notUpdated: orNull(done.notUpdated),
      notDestroyed: orNull(done.notDestroyed),
    };
    return { ...answer, ...more };
  };
}

const orNull = <T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> | null =>
  Object.keys(record).length === 0 ? null : record;

interface SetArguments {
  readonly ifInState: string | null;
  readonly create: readonly (readonly [string, Properties])[];
  readonly update: readonly (readonly [string, Properties])[];
  readonly destroy: readonly string[];
}

function setArguments(args: Arguments): SetArguments {
  const { ifInState = null } = args;
  if (ifInState !== null && typeof ifInState !== 'string') throw invalidArguments('ifInState is a String');
  const create = objectsOf(args, 'create');
  const update = objectsOf(args, 'update');
  const destroy = idsOf(args, 'destroy') ?? [];
  if (create.some(([id]) => !isId(id))) throw invalidArguments('creation ids are Ids');
  if (create.length + update.length + destroy.length > limits.maxObjectsInSet)
    throw new MethodError('requestTooLarge');
  return { ifInState, create, update, destroy: [...new Set(destroy)] };
}

function objectsOf(args: Arguments, name: string): readonly (readonly [string, Properties])[] {
  const value = args[name] ?? null;
  if (value === null) return [];
  if (!isObject(value) || !Object.values(value).every(isObject))
    throw invalidArguments(`${name} is a map of objects, or null`);
  return Object.entries(value as Record<string, Properties>);
}

/** What one record's change fails with. */
async function attempt(failed: Record<string, Answer>, id: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    failed[id] = setErrorOf(error).answer;
  }
}

/** Anything but what a client can be told of is thrown on. */
export function setErrorOf(error: unknown): SetError {
  if (error instanceof SetError) return error;
  if (!(error instanceof Refusal)) throw error;
  const detail = error.message.slice(error.reason.length + 2);
  switch (error.reason) {
    case 'notFound':
    case 'mailboxNotFound':
      return new SetError('notFound', detail);
    case 'notAllowed':
      return new SetError('forbidden', detail);
    case 'limitReached':
      return new SetError('overQuota', detail);
    case 'messageTooLarge':
      return new SetError('tooLarge', detail);
    case 'rateLimited':
    case 'sendingLimit':
      return new SetError('rateLimit', detail);
    case 'storageBusy':
    case 'storageFull':
    case 'shuttingDown':
      throw error;
    default:
      return invalidProperties(error.at === undefined ? [] : error.at.split(' '), detail);
  }
}

/** Refuses properties that nobody can set. `serverSet` may be given as they are (RFC 8620, 5.3). */
export function checkNames(
  properties: readonly string[],
  { known, fixed = [] }: { readonly known: readonly string[]; readonly fixed?: readonly string[] },
): void {
  const wrong = properties.filter((name) => !known.includes(name) || fixed.includes(name));
  if (wrong.length > 0) throw invalidProperties(wrong);
}

export const notFound = (): SetError => new SetError('notFound');
