/** urn:ietf:params:jmap:core (RFC 8620). */
import { collations, limits } from '../../proto/jmap/limits.ts';
import type { HttpParts } from '../parts.ts';
import { blobCopy } from './blob-copy.ts';
import { blobRoutes } from './blob-routes.ts';
import type { Capability } from './method.ts';

export const coreUri = 'urn:ietf:params:jmap:core';

export function core(parts: HttpParts): Capability {
  return {
    uri: coreUri,
    ofServer: { ...limits, collationAlgorithms: collations },
    methods: {
      /** RFC 8620, 4. */
      'Core/echo': async (args) => args,
      'Blob/copy': blobCopy(parts),
    },
    routes: (app, access) => blobRoutes(app, access, parts),
  };
}
