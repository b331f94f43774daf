/**
 * The standard methods /get, /changes and /set (RFC 8620, 5.1 to 5.3) over a type of records that says how its own are read and changed.
 */
import {
  idsOf,
  picked,
  propertiesOf,
  readSet,
  requiredString,
  unsignedOf,
} from '../../proto/jmap/arguments.ts';
import { limits } from '../../proto/jmap/limits.ts';
import { invalidArguments, MethodError } from '../../proto/jmap/method-error.ts';
import type { Arguments } from '../../proto/jmap/request.ts';
import { IfInState } from './if-in-state.ts';
import type { Answer, Context, JmapAccount, Method } from './method.ts';
import { type Done, setting } from './setting.ts';

export type JmapRecord = Readonly<Record<string, unknown>> & { readonly id: string };
export type Properties = Readonly<Record<string, unknown>>;

/** One call on one account. */
export interface Call {
  readonly account: JmapAccount;
  readonly context: Context;
  readonly args: Arguments;
  readonly ifInState: IfInState;
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

/** Undefined for a state that is unknown or too old. */
export type TellChanges = (call: Call, since: string, max: number) => Promise<RecordChanges | undefined>;

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
  ifInState: new IfInState(undefined),
});

export function getMethod(type: RecordReading): Method {
  return async (args, context) => {
    const call = await callOf(args, context);
    const wanted = idsOf(args, 'ids');
    const names = propertiesOf(args, type.properties && ['id', ...type.properties]);
    // The state is read first: what is newer than it is told again.
    const state = await type.state(call);
    const found = await type.get(call, wanted);
    if (found.length > limits.maxObjectsInGet) throw new MethodError('requestTooLarge');
    const known = new Set(found.map(({ id }) => id));
    return {
      accountId: call.account.id,
      state,
      list: names === undefined ? found : found.map((record) => picked(record, names)),
      notFound: (wanted ?? []).filter((id) => !known.has(id)),
    };
  };
}

export function changesMethod(changes: TellChanges): Method {
  return async (args, context) => {
    const call = await callOf(args, context);
    const sinceState = requiredString(args, 'sinceState');
    const maxChanges = unsignedOf(args, 'maxChanges');
    if (maxChanges === 0) throw invalidArguments('maxChanges is above 0');
    const max = Math.min(maxChanges ?? limits.maxObjectsInGet, limits.maxObjectsInGet);
    const found = await changes(call, sinceState, max);
    if (found === undefined) throw new MethodError('cannotCalculateChanges');
    return { accountId: call.account.id, oldState: sinceState, ...found };
  };
}

/** What was asked and what came of it. */
export interface SetCall extends Call {
  readonly done: Done;
}

/** `after` does what follows success (`onSuccess…`), and gives more of the answer. */
export function setMethod(
  { state, create, update, destroy }: RecordChanging,
  after?: (call: SetCall) => Promise<Answer | void>,
): Method {
  return async (args, context) => {
    const wanted = readSet(args);
    const call = { ...(await callOf(args, context)), ifInState: new IfInState(wanted.ifInState) };
    if (call.account.isReadOnly) throw new MethodError('accountReadOnly');
    return setting(wanted, context, {
      accountId: call.account.id,
      state: () => state(call),
      ...(create && { create: (record, creationId) => create(call, record, creationId) }),
      ...(update && { update: (id, patch) => update(call, id, patch) }),
      ...(destroy && { destroy: (id) => destroy(call, id) }),
      ...(after && { after: (done) => after({ ...call, done }) }),
    });
  };
}
