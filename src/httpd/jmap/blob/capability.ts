/** urn:ietf:params:jmap:blob (RFC 9404): blobs made, read and looked up by method calls. */
import { limits } from '../../../proto/jmap/limits.ts';
import type { HttpParts } from '../../parts.ts';
import type { Capability } from '../method.ts';
import { blobGet, digestNames } from './get.ts';
import { blobLookup, lookedUpTypes } from './lookup.ts';
import { blobUpload, dataSourcesMax } from './upload.ts';

export function blob(parts: Pick<HttpParts, 'mailboxes'>): Capability {
  return {
    uri: 'urn:ietf:params:jmap:blob',
    ofServer: {},
    ofAccount: async () => ({
      maxSizeBlobSet: limits.maxSizeUpload,
      maxDataSources: dataSourcesMax,
      supportedTypeNames: lookedUpTypes,
      supportedDigestAlgorithms: digestNames,
    }),
    methods: {
      'Blob/upload': blobUpload(parts),
      'Blob/get': blobGet(parts),
      'Blob/lookup': blobLookup(parts),
    },
  };
}
