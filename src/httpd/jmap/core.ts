/** urn:ietf:params:jmap:core (RFC 8620). */
import { collations, limits } from '../../proto/jmap/limits.ts';
import type { Capability } from './method.ts';

export const coreUri = 'urn:ietf:params:jmap:core';

export function core(): Capability {
  return {
    uri: coreUri,
    ofServer: { ...limits, collationAlgorithms: collations },
    methods: {
      /** RFC 8620, 4. */
      'Core/echo': async (args) => args,
    },
  };
}
