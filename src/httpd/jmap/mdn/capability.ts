/** urn:ietf:params:jmap:mdn (RFC 9007): notices that a mail was read or deleted, sent and read. */
import { limits } from '../../../proto/jmap/limits.ts';
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import { readMdn } from '../../../proto/mdn/mdn.ts';
import type { HttpParts } from '../../parts.ts';
import { openBlob } from '../blobs.ts';
import { reachOf } from '../mail/reach.ts';
import type { Capability, Method } from '../method.ts';
import { idsOf } from '../../../proto/jmap/arguments.ts';
import { mdnSend } from './send.ts';

export function mdn(parts: HttpParts): Capability {
  return {
    uri: 'urn:ietf:params:jmap:mdn',
    ofServer: {},
    ofAccount: async ({ isPersonal }) => (isPersonal ? {} : undefined),
    methods: { 'MDN/send': mdnSend(parts), 'MDN/parse': mdnParse(parts) },
  };
}

function mdnParse(parts: HttpParts): Method {
  return async (args, context) => {
    const reach = await reachOf(parts, args, context);
    const ids = idsOf(args, 'blobIds');
    if (ids === undefined) throw invalidArguments('blobIds is missing');
    if (ids.length > limits.maxObjectsInGet) throw new MethodError('requestTooLarge');
    const parsed: Record<string, unknown> = {};
    const notParsable: string[] = [];
    const notFound: string[] = [];
    for (const id of new Set(ids)) {
      const blob = await openBlob(parts, reach, id);
      if (blob === undefined) notFound.push(id);
      else {
        // Which mail it is about is not looked for: null is allowed (RFC 9007, 2.2).
        const found = readMdn(await blob.bytes());
        if (found === undefined) notParsable.push(id);
        else parsed[id] = { forEmailId: null, ...found };
      }
    }
    return {
      accountId: reach.account.id,
      parsed: Object.keys(parsed).length > 0 ? parsed : null,
      notParsable: notParsable.length > 0 ? notParsable : null,
      notFound: notFound.length > 0 ? notFound : null,
    };
  };
}
