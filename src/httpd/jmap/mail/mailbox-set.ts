/** Mailbox/set (RFC 8621, 2.5). */
import { Refusal } from '../../../base/refusal.ts';
import { canonicalName, delimiter } from '../../../mailbox/name.ts';
import type { MailWriting } from '../../../mailbox/account-mail.ts';
import type { MailboxProperties } from '../../../mailbox/tree-changes.ts';
import { booleanOf, readSet } from '../../../proto/jmap/arguments.ts';
import { invalidProperties, SetError } from '../../../proto/jmap/method-error.ts';
import { patched } from '../../../proto/jmap/patch.ts';
import type { Arguments } from '../../../proto/jmap/request.ts';
import type { HttpParts } from '../../parts.ts';
import type { Context, Method } from '../method.ts';
import { IfInState } from '../if-in-state.ts';
import { setting } from '../setting.ts';
import { shownOf } from './mailbox-get.ts';
import { levelOf, mailboxJson, mailboxProperties, parentOf, placesByName } from './mailbox-json.ts';
import { readProperties, type Wanted } from './mailbox-properties.ts';
import { mustWrite, type Place, type Reach, reachOf, reachOfAccount, resolvedId, visible } from './reach.ts';
import { subscribeTo } from './subscription.ts';

type Parts = Pick<HttpParts, 'mailboxes'>;

export const mailboxSet =
  (parts: Parts): Method =>
  async (args, context) => {
    const reach = await reachOf(parts, args, context);
    mustWriteOrSubscribe(reach, args);
    const wanted = readSet(args);
    const withMail = booleanOf(args, 'onDestroyRemoveEmails');
    const set = new MailboxSet(parts, { context, reach, ifInState: new IfInState(wanted.ifInState) });
    const readable = visible(reach);
    return setting(wanted, context, {
      accountId: reach.account.id,
      state: async () => String(await parts.mailboxes.mail.version(reach.account.id)),
      isCurrent: (state) =>
        parts.mailboxes.mail.isUnchanged(reach.account.id, { of: 'mailboxes', state, readable }),
      create: (record) => set.create(record),
      update: (id, patch) => set.update(id, patch),
      destroy: (id) => set.destroy(id, withMail),
      order: {
        create: ({ parentId }) => (typeof parentId === 'string' ? parentId : ''),
        destroy: (ids) => set.deepestFirst(ids),
      },
    });
  };

/** Who may only read others' mail may subscribe to it all the same. */
function mustWriteOrSubscribe(reach: Reach, args: Arguments): void {
  const patches = Object.values((args['update'] ?? {}) as Record<string, object>);
  const onlySubscribes =
    args['create'] === undefined &&
    args['destroy'] === undefined &&
    patches.every((patch) => Object.keys(patch ?? {}).every((name) => name === 'isSubscribed'));
  if (!onlySubscribes) mustWrite(reach);
}

interface Changing {
  readonly context: Context;
  readonly reach: Reach;
  readonly ifInState: IfInState;
}

class MailboxSet {
  readonly #parts: Parts;
  readonly #context: Context;
  readonly #ifInState: IfInState;
  #reach: Reach;

  constructor(parts: Parts, { context, reach, ifInState }: Changing) {
    this.#parts = parts;
    this.#context = context;
    this.#reach = reach;
    this.#ifInState = ifInState;
  }

  #write<R>(write: (tree: MailWriting['tree']) => Promise<R>): Promise<R> {
    const readable = visible(this.#reach);
    return this.#ifInState.around((state) => {
      const known = state === undefined ? undefined : ({ of: 'mailboxes', state, readable } as const);
      return write(this.#parts.mailboxes.mail.ifUnchanged(known).tree);
    });
  }

  async create(record: Arguments): Promise<Record<string, unknown>> {
    const unknown = Object.keys(record).filter((name) => !settable.includes(name));
    if (unknown.length > 0) throw invalidProperties(unknown, 'not to be set');
    const wanted = readProperties({
      parentId: null,
      role: null,
      sortOrder: 0,
      isSubscribed: true,
      ...record,
    });
    if (wanted.name === undefined) throw invalidProperties(['name']);
    const parent = this.#parent(wanted);
    if (parent === undefined) this.#mustOwn('create a mailbox at the top');
    else if (!parent.rights.includes('k')) throw new SetError('forbidden', 'not allowed below this mailbox');
    const { account } = this.#reach;
    const name = nameBelow(parent, wanted.name);
    const given = account.isPersonal ? propertiesOf(wanted) : { ...propertiesOf(wanted), subscribed: false };
    const id = await this.#asSetErrors(name, () =>
      this.#write((tree) => tree.create(account.id, name, given)),
    );
    if (!account.isPersonal) await this.#subscribe(name, wanted.isSubscribed ?? true);
    await this.#reread();
    const json = await this.#json(id);
    // What the client knows already is not told again.
    return Object.fromEntries(Object.entries(json).filter(([key, value]) => record[key] !== value));
  }

  async update(id: string, patch: Arguments): Promise<Record<string, unknown> | null> {
    const place = this.#placeOf(id);
    const before = await this.#json(place.info.id);
    const after = patched(before, patch);
    const unknown = Object.keys(after).filter((name) => !mailboxProperties.some((known) => known === name));
    if (unknown.length > 0) throw invalidProperties(unknown, 'there is no such property');
    const changed = [...mailboxProperties].filter(
      (name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]),
    );
    const fixed = changed.filter((name) => !settable.includes(name));
    if (fixed.length > 0) throw invalidProperties(fixed, 'not to be set');
    const wanted = readProperties(
      Object.fromEntries(changed.map((name) => [name, after[name] ?? defaults[name]])),
    );
    await this.#carryOut(place, wanted);
    await this.#reread();
    return null;
  }

  async destroy(id: string, withMail: boolean): Promise<void> {
    const place = this.#placeOf(id);
    const { info, rights } = place;
    const below = `${info.name}${delimiter}`;
    if ([...this.#reach.places.values()].some(({ info: other }) => other.name.startsWith(below)))
      throw new SetError('mailboxHasChild', 'there are mailboxes below it');
    if (info.role === 'inbox' || !rights.includes('x'))
      throw new SetError('forbidden', 'not to be destroyed');
    if (withMail && !(rights.includes('t') && rights.includes('e')) && info.total > 0)
      throw new SetError('forbidden', 'its mail may not be removed');
    try {
      await this.#write((tree) => tree.destroy(this.#reach.account.id, info.id, withMail));
    } catch (error) {
      if (error instanceof Refusal && error.reason === 'conflict' && error.at !== 'state')
        throw new SetError(error.at === 'mail' ? 'mailboxHasEmail' : 'mailboxHasChild');
      throw error;
    }
    await this.#reread();
  }

  /** So that a mailbox and those below it may be named in any order. */
  deepestFirst(ids: readonly string[]): readonly string[] {
    const depth = (id: string): number => {
      const resolved = resolvedId(this.#context, id) ?? '';
      return this.#reach.places.get(resolved)?.info.name.split(delimiter).length ?? 0;
    };
    return [...ids].sort((a, b) => depth(b) - depth(a));
  }

  async #carryOut(place: Place, wanted: Wanted): Promise<void> {
    const { info, rights } = place;
    const { account } = this.#reach;
    let name: string | undefined;
    if (wanted.name !== undefined || wanted.parentId !== undefined) {
      if (info.role === 'inbox' || !rights.includes('x'))
        throw new SetError('forbidden', 'not to be renamed');
      const above = parentOf(place, placesByName(this.#reach));
      const parent = wanted.parentId === undefined ? above : this.#parent(wanted);
      this.#refuseCircle(place, parent);
      if (parent !== above) {
        if (parent === undefined) this.#mustOwn('move a mailbox to the top');
        else if (!parent.rights.includes('k'))
          throw new SetError('forbidden', 'not allowed below that mailbox');
      }
      name = nameBelow(parent, wanted.name ?? levelOf(info.name));
    }
    const { subscribed, ...own } = propertiesOf(wanted);
    if (Object.keys(own).length > 0) this.#mustOwn('change it');
    const given = account.isPersonal ? propertiesOf(wanted) : own;
    await this.#asSetErrors(name ?? info.name, () =>
      this.#write((tree) => tree.change(account.id, info.id, name, given)),
    );
    if (!account.isPersonal && subscribed !== undefined) await this.#subscribe(name ?? info.name, subscribed);
  }

  #refuseCircle({ info }: Place, parent: Place | undefined): void {
    const name = parent?.info.name;
    if (name === info.name || name?.startsWith(`${info.name}${delimiter}`))
      throw invalidProperties(['parentId'], 'a mailbox cannot be below itself');
  }

  #mustOwn(what: string): void {
    if (!this.#reach.account.isPersonal) throw new SetError('forbidden', `only the owner may ${what}`);
  }

  #parent({ parentId }: Wanted): Place | undefined {
    if (parentId === null || parentId === undefined) return undefined;
    const id = resolvedId(this.#context, parentId);
    const parent = id === undefined ? undefined : this.#reach.places.get(id);
    if (parent === undefined) throw invalidProperties(['parentId'], 'no such mailbox');
    return parent;
  }

  #placeOf(id: string): Place {
    const place = this.#reach.places.get(id);
    if (place === undefined) throw new SetError('notFound');
    return place;
  }

  #subscribe(name: string, subscribed: boolean): Promise<void> {
    return subscribeTo(this.#parts, this.#context.user.account, { reach: this.#reach, name, subscribed });
  }

  async #json(id: string): Promise<Record<string, unknown>> {
    const shown = await shownOf(this.#parts, this.#reach, { context: this.#context, counted: true });
    const place = this.#reach.places.get(id);
    return place === undefined ? { id } : mailboxJson(place, shown);
  }

  async #reread(): Promise<void> {
    this.#reach = await reachOfAccount(this.#parts, this.#reach.account, this.#context);
  }

  /** Siblings have names of their own (RFC 8621, 2): the one that is there is told, to whom it is shown. */
  #exists(name: string): SetError {
    const known = placesByName(this.#reach).get(canonicalName(name));
    const existing = known === undefined ? {} : { existingId: known.info.id };
    return new SetError('alreadyExists', undefined, { ...existing, properties: ['name'] });
  }

  async #asSetErrors<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      switch (error.reason) {
        case 'mailboxExists':
          throw this.#exists(name);
        case 'mailboxNameInvalid':
          throw invalidProperties(['name'], error.message);
        case 'conflict':
          if (error.at === 'state') throw error;
          throw invalidProperties(['role'], 'another mailbox has this role');
        case 'notAllowed':
          throw new SetError('forbidden', error.message);
        case 'limitReached':
          throw new SetError('overQuota', error.message);
        default:
          throw error;
      }
    }
  }
}

const settable: readonly string[] = ['name', 'parentId', 'role', 'sortOrder', 'isSubscribed'];
/** What null stands for in a patch. */
const defaults: Readonly<Record<string, unknown>> = {
  parentId: null,
  role: null,
  sortOrder: 0,
  isSubscribed: false,
};

const nameBelow = (parent: Place | undefined, name: string): string =>
  parent === undefined ? name : `${parent.info.name}${delimiter}${name}`;

function propertiesOf({ role, sortOrder, isSubscribed }: Wanted): MailboxProperties {
  return {
    ...(role === undefined ? {} : { role: role ?? '' }),
    ...(sortOrder === undefined ? {} : { sortOrder }),
    ...(isSubscribed === undefined ? {} : { subscribed: isSubscribed }),
  };
}
