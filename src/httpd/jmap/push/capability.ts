/** Push beside the core (RFC 8620, 7) and the key of this server for push services (RFC 9749). */
import { applicationServerKey } from '../../../proto/webpush/vapid.ts';
import type { HttpParts } from '../../parts.ts';
import { coreUri } from '../core.ts';
import type { Capability } from '../method.ts';
import { subscriptionMethods } from './subscriptions.ts';

/** Subscriptions, which come with the core. */
export function push(parts: HttpParts): Capability {
  return {
    uri: coreUri,
    methods: subscriptionMethods(parts),
  };
}

export function webPushVapid(parts: HttpParts): Capability {
  return {
    uri: 'urn:ietf:params:jmap:webpush-vapid',
    ofServer: async () => ({ applicationServerKey: applicationServerKey(await parts.pushTarget.vapidKey()) }),
    methods: {},
  };
}
