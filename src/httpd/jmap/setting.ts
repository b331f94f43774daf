/**
 * What every /set does around its records (RFC 8620, 5.3): ifInState, creation ids, one error for one record, old and new state. Creations come first,
 * then updates, then destructions.
 */
import type { SetArguments } from '../../proto/jmap/arguments.ts';
import { MethodError, SetError } from '../../proto/jmap/method-error.ts';
import type { Arguments } from '../../proto/jmap/request.ts';
import type { Answer, Context } from './method.ts';
import { attempt, type SetErrors } from './set-error.ts';

type Told = Readonly<Record<string, unknown>>;

export interface Setting {
  /** Undefined: records of no account. */
  readonly accountId?: string;
  /** Undefined: records without states. */
  readonly state?: () => Promise<string>;
  /** Whether the state that a client knows will do, where another word may stand for the same. */
  readonly isCurrent?: (known: string) => Promise<boolean>;
  /** Gives what the client does not know, `id` among it. */
  readonly create?: (record: Arguments, creationId: string) => Promise<Told>;
  /** Gives what changed besides what was asked for, or null. */
  readonly update?: (id: string, patch: Arguments) => Promise<Told | null>;
  /** All at once, in place of one after another: what became of each, by id. */
  readonly updateAll?: (
    patches: ReadonlyMap<string, Arguments>,
  ) => Promise<ReadonlyMap<string, Told | null | SetError>>;
  readonly destroy?: (id: string) => Promise<void>;
  /** Those that could not be destroyed. */
  readonly destroyAll?: (ids: readonly string[]) => Promise<ReadonlyMap<string, SetError>>;
  readonly order?: {
    /** A reference (`#id`) to another record of the same request that must be there before. */
    readonly create?: (record: Arguments) => string;
    readonly destroy?: (ids: readonly string[]) => readonly string[];
  };
  /** What follows (`onSuccess…`); gives more of the answer. */
  readonly after?: (done: Done) => Promise<Answer | void>;
}

/** What came of a /set so far. */
export interface Done {
  readonly created: Record<string, Told>;
  readonly updated: Record<string, Told | null>;
  destroyed: readonly string[];
  readonly notCreated: SetErrors;
  readonly notUpdated: SetErrors;
  readonly notDestroyed: SetErrors;
}

interface Work {
  readonly wanted: SetArguments;
  readonly context: Context;
  readonly how: Setting;
  readonly done: Done;
}

export async function setting(wanted: SetArguments, context: Context, how: Setting): Promise<Answer> {
  const oldState = await how.state?.();
  if (wanted.ifInState !== undefined && oldState !== undefined && wanted.ifInState !== oldState)
    if ((await how.isCurrent?.(wanted.ifInState)) !== true) throw new MethodError('stateMismatch');
  const done: Done = {
    created: {},
    updated: {},
    destroyed: [],
    notCreated: {},
    notUpdated: {},
    notDestroyed: {},
  };
  const work = { wanted, context, how, done };
  await creations(work);
  await updates(work);
  await destructions(work);
  const more = await how.after?.(done);
  const newState = await how.state?.();
  return {
    ...(how.accountId === undefined ? {} : { accountId: how.accountId }),
    ...(oldState === undefined ? {} : { oldState, newState }),
    created: orNull(done.created),
    updated: orNull(done.updated),
    destroyed: done.destroyed.length === 0 ? null : done.destroyed,
    notCreated: orNull(done.notCreated),
    notUpdated: orNull(done.notUpdated),
    notDestroyed: orNull(done.notDestroyed),
    ...more,
  };
}

async function creations({ wanted, context, how, done }: Work): Promise<void> {
  for (const [id, record] of ordered(wanted.create, how.order?.create))
    await attempt(id, done.notCreated, async () => {
      if (how.create === undefined) throw new SetError('forbidden', 'none can be created');
      const made = await how.create(record, id);
      done.created[id] = made;
      context.createdIds.set(id, String(made['id']));
    });
}

async function updates({ wanted, context, how, done }: Work): Promise<void> {
  const destroying = new Set(wanted.destroy.map((id) => resolved(context, id)));
  const together = new Map<string, Arguments>();
  for (const [id, patch] of wanted.update)
    await attempt(id, done.notUpdated, async () => {
      const real = known(context, id);
      if (destroying.has(real)) throw new SetError('willDestroy');
      if (how.updateAll !== undefined) together.set(real, patch);
      else if (how.update === undefined) throw new SetError('forbidden', 'none can be changed');
      else done.updated[real] = await how.update(real, patch);
    });
  if (together.size === 0) return;
  for (const [id, became] of await how.updateAll!(together))
    if (became instanceof SetError) done.notUpdated[id] = became.answer;
    else done.updated[id] = became;
}

async function destructions({ wanted, context, how, done }: Work): Promise<void> {
  const destroyed: string[] = [];
  for (const id of how.order?.destroy?.(wanted.destroy) ?? wanted.destroy)
    await attempt(id, done.notDestroyed, async () => {
      const real = known(context, id);
      if (how.destroyAll === undefined) {
        if (how.destroy === undefined) throw new SetError('forbidden', 'none can be destroyed');
        await how.destroy(real);
      }
      destroyed.push(real);
    });
  const stayed = destroyed.length === 0 ? undefined : await how.destroyAll?.(destroyed);
  for (const [id, error] of stayed ?? []) done.notDestroyed[id] = error.answer;
  done.destroyed = destroyed.filter((id) => stayed?.has(id) !== true);
}

export const orNull = (map: Told): Told | null => (Object.keys(map).length === 0 ? null : map);

const resolved = ({ createdIds }: Context, id: string): string | undefined =>
  id.startsWith('#') ? createdIds.get(id.slice(1)) : id;

function known(context: Context, id: string): string {
  const real = resolved(context, id);
  if (real === undefined) throw new SetError('notFound', 'nothing was created with this id');
  return real;
}

/** Those that others refer to first; what refers in a circle comes last, and fails. */
function ordered(
  records: SetArguments['create'],
  referenceOf: ((record: Arguments) => string) | undefined,
): SetArguments['create'] {
  if (referenceOf === undefined || records.length < 2) return records;
  const waiting = new Map(records);
  const done: (readonly [string, Arguments])[] = [];
  for (let before = -1; waiting.size > 0 && waiting.size !== before; ) {
    before = waiting.size;
    for (const [id, record] of waiting) {
      const reference = referenceOf(record);
      if (reference.startsWith('#') && waiting.has(reference.slice(1))) continue;
      done.push([id, record]);
      waiting.delete(id);
    }
  }
  return [...done, ...waiting];
}
