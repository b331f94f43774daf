/** urn:ietf:params:jmap:principals (RFC 9670): who there is to share with, and what has been shared. */
import type { HttpParts } from '../../parts.ts';
import { changesOf } from '../kept-records.ts';
import type { Capability } from '../method.ts';
import { changesMethod, getMethod, setMethod } from '../records.ts';
import { queryChangesMethod, queryMethod } from '../searches.ts';
import { notificationSearch, notificationType, shareNotifications } from './notifications.ts';
import { ownerUri, principals, principalSearch, principalState } from './principals.ts';

export function sharing(parts: HttpParts): Capability {
  const people = principals(parts);
  const notices = shareNotifications(parts);
  return {
    uri: 'urn:ietf:params:jmap:principals',
    ofServer: {},
    ofAccount: async ({ isPersonal }, { account }) =>
      isPersonal ? { currentUserPrincipalId: account } : undefined,
    methods: {
      'Principal/get': getMethod(people),
      'Principal/changes': changesMethod(async (call, since) => {
        const newState = await principalState(parts, call);
        if (newState !== since) return undefined;
        return { created: [], updated: [], destroyed: [], newState, hasMoreChanges: false };
      }),
      'Principal/set': setMethod(people),
      'Principal/query': queryMethod(principalSearch(parts)),
      'Principal/queryChanges': queryChangesMethod(principalSearch(parts)),
      'ShareNotification/get': getMethod(notices),
      'ShareNotification/changes': changesMethod(changesOf(parts.profiles, notificationType)),
      'ShareNotification/set': setMethod(notices),
      'ShareNotification/query': queryMethod(notificationSearch(parts)),
      'ShareNotification/queryChanges': queryChangesMethod(notificationSearch(parts)),
    },
  };
}

/** Which principal an account is of. */
export function principalOwner(): Capability {
  return {
    uri: ownerUri,
    ofServer: {},
    ofAccount: async (account, user) => ({ accountIdForPrincipal: user.account, principalId: account.id }),
    methods: {},
  };
}
