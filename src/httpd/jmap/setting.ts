/**
 * What every /set does around its records (RFC 8620, 5.3): ifInState, creation ids, one error for one record, old and new state. Creations come first,
 * then updates, then destructions.
 */
import { Refusal } from '../../base/refusal.ts';
import type { SetArguments } from '../../proto/jmap/arguments.ts';
import { MethodError, SetError } from '../../proto/jmap/method-error.ts';
import type { Arguments } from '../../proto/jmap/request.ts';
import type { Answer, Context } from './method.ts';

export interface Setting {
  readonly accountId: string;
  readonly state: () => Promise<string>;
  /** Gives what the client does not know, `id` among it. */
  readonly create?: (record: Arguments) => Promise<Record<string, unknown>>;
  /** Gives what changed besides what was asked for, or null. */
  readonly update?: (id: string, patch: Arguments) => Promise<Record<string, unknown> | null>;
  /** All at once, in place of one after another: what became of each, by id. */
  readonly updateAll?: (
    patches: ReadonlyMap<string, Arguments>,
  ) => Promise<ReadonlyMap<string, Record<string, unknown> | null | SetError>>;
  readonly destroy?: (id: string) => Promise<void>;
  /** Those that could not be destroyed. */
  readonly destroyAll?: (ids: readonly string[]) => Promise<ReadonlyMap<string, SetError>>;
  readonly order?: {
    /** A reference (`#id`) to another record of the same request that must be there before. */
    readonly create?: (record: Arguments) => string;
    readonly destroy?: (ids: readonly string[]) => readonly string[];
  };
}

type Errors = Record<string, Answer>;

export async function setting(
  wanted: SetArguments,
  context: Context,
  how: Setting,
): Promise<Record<string, unknown>> {
  const oldState = await how.state();
  if (wanted.ifInState !== undefined && wanted.ifInState !== oldState) throw new MethodError('stateMismatch');
  const created: Record<string, unknown> = {};
  const notCreated: Errors = {};
  for (const [id, record] of ordered(wanted.create, how.order?.create)) {
    await attempt(id, notCreated, async () => {
      if (how.create === undefined) throw new SetError('forbidden', 'none can be created');
      const made = await how.create(record);
      created[id] = made;
      context.createdIds.set(id, String(made['id']));
    });
  }
  const updated: Record<string, unknown> = {};
  const notUpdated: Errors = {};
  const destroying = new Set(wanted.destroy.map((id) => resolved(context, id)));
  const together = new Map<string, Arguments>();
  for (const [id, patch] of wanted.update) {
    await attempt(id, notUpdated, async () => {
      const real = known(context, id);
      if (destroying.has(real)) throw new SetError('willDestroy');
      if (how.updateAll !== undefined) together.set(real, patch);
      else if (how.update === undefined) throw new SetError('forbidden', 'none can be changed');
      else updated[real] = await how.update(real, patch);
    });
  }
  if (together.size > 0)
    for (const [id, became] of await how.updateAll!(together))
      if (became instanceof SetError) notUpdated[id] = became.answer;
      else updated[id] = became;
  const destroyed: string[] = [];
  const notDestroyed: Errors = {};
  for (const id of how.order?.destroy?.(wanted.destroy) ?? wanted.destroy) {
    await attempt(id, notDestroyed, async () => {
      const real = known(context, id);
      if (how.destroyAll === undefined) {
        if (how.destroy === undefined) throw new SetError('forbidden', 'none can be destroyed');
        await how.destroy(real);
      }
      destroyed.push(real);
    });
  }
  const stayed = destroyed.length === 0 ? undefined : await how.destroyAll?.(destroyed);
  for (const [id, error] of stayed ?? []) notDestroyed[id] = error.answer;
  return {
    accountId: how.accountId,
    oldState,
    newState: await how.state(),
    created: orNull(created),
    updated: orNull(updated),
    destroyed: listOrNull(destroyed.filter((id) => stayed?.has(id) !== true)),
    notCreated: orNull(notCreated),
    notUpdated: orNull(notUpdated),
    notDestroyed: orNull(notDestroyed),
  };
}

const listOrNull = (list: readonly string[]): readonly string[] | null => (list.length === 0 ? null : list);

export const orNull = (map: Record<string, unknown>): Record<string, unknown> | null =>
  Object.keys(map).length === 0 ? null : map;

const resolved = ({ createdIds }: Context, id: string): string | undefined =>
  id.startsWith('#') ? createdIds.get(id.slice(1)) : id;

function known(context: Context, id: string): string {
  const real = resolved(context, id);
  if (real === undefined) throw new SetError('notFound', 'nothing was created with this id');
  return real;
}

/** Runs the work for one record; what goes wrong with it is told under its id. */
export async function attempt(id: string, errors: Errors, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    errors[id] = setErrorOf(error).answer;
  }
}

/** A refusal that no method has words of its own for. What is neither is thrown on. */
export function setErrorOf(error: unknown): SetError {
  if (error instanceof SetError) return error;
  if (!(error instanceof Refusal)) throw error;
  const detail = error.message.slice(error.reason.length + 2);
  switch (error.reason) {
    case 'notFound':
    case 'mailboxNotFound':
      return new SetError('notFound', detail);
    case 'notAllowed':
    case 'senderNotAllowed':
      return new SetError('forbidden', detail);
    case 'mailboxFull':
    case 'storageFull':
    case 'limitReached':
      return new SetError('overQuota', detail);
    case 'rateLimited':
    case 'sendingLimit':
      return new SetError('rateLimit', detail);
    case 'messageTooLarge':
      return new SetError('tooLarge', detail);
    case 'storageBusy':
    case 'shuttingDown':
      throw error;
    default:
      return new SetError('invalidProperties', detail, {
        properties: error.at === undefined ? [] : [error.at],
      });
  }
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
