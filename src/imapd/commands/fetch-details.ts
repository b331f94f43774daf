/** ENVELOPE, BODY, BODYSTRUCTURE and PREVIEW from what was stored when the message came: nothing is parsed again. */
import type { StoredDetails } from '../../mailbox/stored-details.ts';
import { bodyText } from '../../proto/imap/body-structure.ts';
import { envelopeText } from '../../proto/imap/envelope.ts';
import { string } from '../../proto/imap/response.ts';
import type { StoredItem } from './fetch-plan.ts';

export function detailTexts(items: readonly StoredItem[], details: StoredDetails, utf8: boolean): string[] {
  return items.map((item) => {
    switch (item.is) {
      case 'envelope':
        return `ENVELOPE ${details.wireEnvelope ?? envelopeText(details.index.envelope, utf8)}`;
      case 'body':
        return `BODY ${bodyText(details.index.root, false, utf8)}`;
      case 'bodyStructure':
        return `BODYSTRUCTURE ${details.wireStructure ?? bodyText(details.index.root, true, utf8)}`;
      default:
        return `PREVIEW ${string(details.preview, utf8)}`;
    }
  });
}
