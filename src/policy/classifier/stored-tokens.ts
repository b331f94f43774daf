/** The tokens of a message as it lies in a mailbox. Pure. */
import { parseHeaders } from '../../proto/mime/headers.ts';
import { PartStream } from '../../proto/mime/part-stream.ts';
import { ContentGatherer } from '../content.ts';
import { mailTokens } from './mail-tokens.ts';
import { routeOfStored, routeTokens } from './route-tokens.ts';

/** Octets from the beginning of a message that are read to learn from it: what is counted of it mostly stands in the first of them. */
export const learnedMaxBytes = 256 * 1024;

export function storedTokens(message: Buffer): ReadonlySet<string> {
  const bytes = message.subarray(0, learnedMaxBytes);
  const block = parseHeaders(bytes);
  const header = bytes.subarray(block.start, block.end);
  const gatherer = new ContentGatherer();
  const parts = new PartStream(header, block, gatherer.part);
  parts.push(bytes.subarray(block.bodyStart));
  parts.end();
  return mailTokens({
    header,
    block,
    content: gatherer.content,
    route: routeTokens(routeOfStored(header, block)),
  });
}
