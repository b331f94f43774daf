/** ShareNotification (RFC 9670, 3): tells whom something is shared with that it is, or is no more. */
import type { AccountId } from '../../../base/ids.ts';
import type { Profiles } from '../../../profile/profiles.ts';
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import { changesOf, idOf, type KeptType, numberOf, stateOf, writeKept } from '../kept-records.ts';
import { type Call, type RecordChanging } from '../records.ts';
import { notFound } from '../set-error.ts';
import { matching, type SearchType, sorted } from '../searches.ts';

export const notificationType: KeptType = { type: 'ShareNotification', letter: 'n' };

export type Rights = Readonly<Record<string, boolean>>;

export interface NotificationValue {
  readonly created: string;
  readonly changedBy: {
    readonly name: string;
    readonly email: string | null;
    readonly principalId: string | null;
  };
  readonly objectType: string;
  readonly objectAccountId: string;
  readonly objectId: string;
  readonly name: string;
  readonly oldRights: Rights | null;
  readonly newRights: Rights | null;
}

const properties = [
  'created',
  'changedBy',
  'objectType',
  'objectAccountId',
  'objectId',
  'name',
  'oldRights',
  'newRights',
];
/** Of each account; the oldest go. */
const keptMax = 1000;

interface NotificationParts {
  readonly profiles: Profiles;
}

export function shareNotifications({ profiles }: NotificationParts): RecordChanging {
  const list = async ({ account }: Call) =>
    account.isPersonal ? profiles.list<NotificationValue>(account.id, 'ShareNotification') : [];
  return {
    name: 'ShareNotification',
    properties,
    state: ({ account }) => stateOf(profiles, notificationType, account.id),
    get: async (call, ids) =>
      (await list(call))
        .map(({ id, value }) => ({ id: idOf(notificationType, id), ...value }))
        .filter(({ id }) => ids === undefined || ids.includes(id)),
    async destroy(call, id) {
      const number = numberOf(notificationType, id);
      if (!(await list(call)).some((each) => each.id === number)) throw notFound();
      await writeKept(profiles, call, {
        type: 'ShareNotification',
        writes: [{ is: 'destroy', id: number! }],
      });
    },
  };
}

/** Tells one account. */
export async function notifyShare(
  profiles: Profiles,
  whom: AccountId,
  value: NotificationValue,
): Promise<void> {
  const kept = await profiles.list(whom, 'ShareNotification');
  const old = kept.slice(0, Math.max(0, kept.length - keptMax + 1));
  await profiles.write(whom, 'ShareNotification', [
    ...old.map(({ id }) => ({ is: 'destroy' as const, id })),
    { is: 'create', data: JSON.stringify(value) },
  ]);
}

export function notificationSearch({ profiles }: NotificationParts): SearchType {
  return {
    sortable: ['created'],
    state: ({ account }) => stateOf(profiles, notificationType, account.id),
    changes: changesOf(profiles, notificationType),
    async find({ account }, { filter, sort }) {
      if (!account.isPersonal) return [];
      const fits = matching(filter, condition);
      const kept = await profiles.list<NotificationValue>(account.id, 'ShareNotification');
      const found = kept.filter(({ value }) => fits(value));
      return sorted(found, sort, ({ value }) => Date.parse(value.created)).map(({ id }) =>
        idOf(notificationType, id),
      );
    },
  };
}

function condition(name: string, given: unknown): (value: NotificationValue) => boolean {
  if (typeof given !== 'string') throw invalidArguments(`${name} is a String`);
  switch (name) {
    case 'after':
      return ({ created }) => Date.parse(created) >= Date.parse(given);
    case 'before':
      return ({ created }) => Date.parse(created) < Date.parse(given);
    case 'objectType':
      return ({ objectType }) => objectType === given;
    case 'objectAccountId':
      return ({ objectAccountId }) => objectAccountId === given;
    default:
      throw new MethodError('unsupportedFilter', name);
  }
}
