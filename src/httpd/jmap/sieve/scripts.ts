/**
 * SieveScript (RFC 9661, 2). Scripts are known by their names elsewhere: their ids are kept beside them, and follow when a script is renamed here. One that is renamed by
 * ManageSieve is another one.
 */
import type { AccountId } from '../../../base/ids.ts';
import { newSecret } from '../../../base/ids.ts';
import { Refusal } from '../../../base/refusal.ts';
import type { Kept } from '../../../profile/profiles.ts';
import type { ProfileWrite } from '../../../profile/rows.ts';
import {
  invalidArguments,
  invalidProperties,
  MethodError,
  SetError,
} from '../../../proto/jmap/method-error.ts';
import { patched, touched } from '../../../proto/jmap/patch.ts';
import { ScriptRefusal, type ScriptOwner } from '../../../sieve/script.ts';
import type { HttpParts } from '../../parts.ts';
import { uploadBlobId } from '../blob-id.ts';
import { openBlob } from '../blobs.ts';
import { idOf, type KeptType, numberOf, stateOf } from '../kept-records.ts';
import { reachOfAccount } from '../mail/reach.ts';
import type { Answer } from '../method.ts';
import { type Call, type Properties, type RecordChanging, type SetCall } from '../records.ts';
import { checkNames, notFound } from '../set-error.ts';
import { matching, type SearchType, sorted } from '../searches.ts';

export type ScriptParts = Pick<HttpParts, 'profiles' | 'scripts' | 'mailboxes'>;

const scriptType: KeptType = { type: 'SieveScript', letter: 'z' };
const properties = ['name', 'blobId', 'isActive'] as const;

interface ScriptValue {
  readonly name: string;
  readonly isActive: boolean;
  /** Grows when the script is stored anew. */
  readonly changedAtMs: number;
}

const ownerOf = (id: AccountId): ScriptOwner => ({ is: 'account', id });

export function sieveScripts(parts: ScriptParts): RecordChanging {
  const { scripts, profiles } = parts;
  return {
    name: 'SieveScript',
    properties,
    state: async (call) => {
      await known(parts, call);
      return stateOf(profiles, scriptType, call.account.id);
    },
    async get(call, ids) {
      const found = (await known(parts, call)).filter(
        ({ id }) => ids === undefined || ids.includes(idOf(scriptType, id)),
      );
      const wantsBlob = !Array.isArray(call.args['properties']) || call.args['properties'].includes('blobId');
      return Promise.all(
        found.map(async ({ id, value }) => ({
          id: idOf(scriptType, id),
          name: value.name,
          ...(wantsBlob && { blobId: await blobOf(parts, call, value.name) }),
          isActive: value.isActive,
        })),
      );
    },
    async create(call, given) {
      ownOnly(call);
      checkNames(Object.keys(given), { known: properties, fixed: ['isActive'] });
      const name = given['name'] ?? null;
      if (name !== null && typeof name !== 'string') throw invalidProperties(['name']);
      const source = await sourceOf(parts, call, given['blobId']);
      const called = name ?? `script-${newSecret(6)}`;
      if ((await known(parts, call)).some(({ value }) => value.name === called))
        throw alreadyExists(await known(parts, call), called);
      await stored(() => scripts.put(ownerOf(call.account.id), called, source));
      const made = (await known(parts, call)).find(({ value }) => value.name === called)!;
      return {
        id: idOf(scriptType, made.id),
        ...(name === null && { name: called }),
        isActive: false,
      };
    },
    async update(call, id, patch) {
      const kept = await scriptOf(parts, call, id);
      const now: Properties = { id, name: kept.value.name, isActive: kept.value.isActive };
      const next = patched(now, patch);
      const changed = touched(patch).filter((name) => name === 'blobId' || next[name] !== now[name]);
      checkNames(changed, { known: properties, fixed: ['isActive'] });
      const { name } = next;
      if (typeof name !== 'string') throw invalidProperties(['name']);
      const owner = ownerOf(call.account.id);
      const source = changed.includes('blobId') ? await sourceOf(parts, call, patch['blobId']) : undefined;
      // First what may be refused.
      if (source !== undefined) await stored(() => scripts.put(owner, kept.value.name, source));
      if (name !== kept.value.name) {
        await stored(() => scripts.rename(owner, kept.value.name, name)).catch(async (error: unknown) => {
          throw error instanceof Refusal && error.reason === 'conflict'
            ? alreadyExists(await known(parts, call), name)
            : error;
        });
        // The id goes with the new name.
        await profiles.write(call.account.id, 'SieveScript', [
          { is: 'update', id: kept.id, data: JSON.stringify({ ...kept.value, name }) },
        ]);
      }
      return null;
    },
    async destroy(call, id) {
      const { value } = await scriptOf(parts, call, id);
      if (value.isActive) throw new SetError('sieveIsActive');
      await scripts.remove(ownerOf(call.account.id), value.name);
    },
  };
}

function ownOnly({ account }: Call): void {
  if (!account.isPersonal) throw new SetError('forbidden');
}

const alreadyExists = (kept: readonly Kept<ScriptValue>[], name: string): SetError => {
  const taken = kept.find(({ value }) => value.name === name);
  return new SetError('alreadyExists', undefined, taken ? { existingId: idOf(scriptType, taken.id) } : {});
};

/** What a script is refused for, in the words of RFC 9661, 2.2. */
async function stored<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ScriptRefusal) throw invalidSieve(error);
    if (error instanceof Refusal && error.reason === 'limitReached')
      throw new SetError(error.at === 'size' ? 'tooLarge' : 'overQuota', error.message);
    throw error;
  }
}

export function invalidSieve({ problems }: ScriptRefusal): SetError {
  const told = problems.map(
    ({ at, code, with: words }) => `${at.line}:${at.column} ${[code, ...words].join(' ')}`,
  );
  return new SetError('invalidSieve', told.join('\n'));
}

export async function sourceOf(parts: ScriptParts, call: Call, blobId: unknown): Promise<Buffer> {
  const given =
    typeof blobId === 'string' && blobId.startsWith('#')
      ? call.context.createdIds.get(blobId.slice(1))
      : blobId;
  if (typeof given !== 'string') throw invalidProperties(['blobId']);
  const reach = await reachOfAccount(parts, call.account, call.context);
  const blob = await openBlob(parts, reach, given);
  if (blob === undefined) throw new SetError('blobNotFound', undefined, { notFound: [given] });
  return blob.bytes();
}

async function scriptOf(parts: ScriptParts, call: Call, id: string): Promise<Kept<ScriptValue>> {
  const number = numberOf(scriptType, id);
  const kept = (await known(parts, call)).find((each) => each.id === number);
  if (kept === undefined) throw notFound();
  return kept;
}

/** The content as a blob of the account. */
async function blobOf({ scripts, mailboxes }: ScriptParts, { account }: Call, name: string): Promise<string> {
  const { source } = await scripts.get(ownerOf(account.id), name);
  const writer = mailboxes.bodyWriter();
  await writer.write(source);
  const { id } = await mailboxes.mail.upload(account.id, 'application/sieve', await writer.finish());
  return uploadBlobId(id);
}

/** The scripts with their ids, once those are in step with what there is. */
async function known(
  { scripts, profiles }: ScriptParts,
  { account }: Call,
): Promise<readonly Kept<ScriptValue>[]> {
  if (!account.isPersonal) return [];
  const all = (await scripts.list(ownerOf(account.id))).map(
    ({ name, stage, changedAtMs }): ScriptValue => ({ name, isActive: stage === 'active', changedAtMs }),
  );
  const kept = await profiles.list<ScriptValue>(account.id, 'SieveScript');
  const byName = new Map(kept.map((each) => [each.value.name, each]));
  const writes: readonly ProfileWrite[] = [
    ...all.flatMap((value): ProfileWrite[] => {
      const data = JSON.stringify(value);
      const before = byName.get(value.name);
      if (before === undefined) return [{ is: 'create' as const, data }];
      return before.data === data ? [] : [{ is: 'update' as const, id: before.id, data }];
    }),
    ...kept
      .filter(({ value }) => !all.some(({ name }) => name === value.name))
      .map(({ id }) => ({ is: 'destroy' as const, id })),
  ];
  if (writes.length === 0) return kept;
  await profiles.write(account.id, 'SieveScript', writes);
  return profiles.list<ScriptValue>(account.id, 'SieveScript');
}

/** onSuccessActivateScript and onSuccessDeactivateScript (RFC 9661, 2.2): only when everything else succeeded. */
export const afterScripts =
  (parts: ScriptParts) =>
  async (call: SetCall): Promise<Answer | void> => {
    const { onSuccessActivateScript = null, onSuccessDeactivateScript = null } = call.args;
    if (onSuccessActivateScript !== null && typeof onSuccessActivateScript !== 'string')
      throw invalidArguments('onSuccessActivateScript is an Id');
    if (onSuccessDeactivateScript !== null && typeof onSuccessDeactivateScript !== 'boolean')
      throw invalidArguments('onSuccessDeactivateScript is a Boolean');
    const { notCreated, notUpdated, notDestroyed, created, updated } = call.done;
    if ([notCreated, notUpdated, notDestroyed].some((failed) => Object.keys(failed).length > 0))
      return undefined;
    const id = onSuccessActivateScript?.startsWith('#')
      ? call.context.createdIds.get(onSuccessActivateScript.slice(1))
      : onSuccessActivateScript;
    const before = await known(parts, call);
    const chosen = before.find((each) => idOf(scriptType, each.id) === id);
    if (chosen === undefined && onSuccessDeactivateScript !== true) return undefined;
    await parts.scripts.stage(ownerOf(call.account.id), chosen?.value.name ?? '', 'active');
    for (const each of await known(parts, call)) {
      const was = before.find((old) => old.id === each.id)?.value.isActive;
      if (was === each.value.isActive) continue;
      const changed = idOf(scriptType, each.id);
      const creation = Object.entries(created).find(([, made]) => made['id'] === changed);
      if (creation) created[creation[0]] = { ...creation[1], isActive: each.value.isActive };
      else updated[changed] = { ...updated[changed], isActive: each.value.isActive };
    }
    return undefined;
  };

export function scriptSearch(parts: ScriptParts): SearchType {
  return {
    sortable: ['name', 'isActive'],
    state: async (call) => {
      await known(parts, call);
      return stateOf(parts.profiles, scriptType, call.account.id);
    },
    async find(call, { filter, sort }) {
      const fits = matching(filter, condition);
      const found = (await known(parts, call)).filter(({ value }) => fits(value));
      return sorted(found, sort, ({ value }, property) =>
        property === 'name' ? value.name : Number(value.isActive),
      ).map(({ id }) => idOf(scriptType, id));
    },
  };
}

function condition(name: string, given: unknown): (value: ScriptValue) => boolean {
  if (name === 'name' && typeof given === 'string')
    return (value) => value.name.toLowerCase().includes(given.toLowerCase());
  if (name === 'isActive' && typeof given === 'boolean') return (value) => value.isActive === given;
  if (name === 'name' || name === 'isActive') throw invalidArguments(name);
  throw new MethodError('unsupportedFilter', name);
}
