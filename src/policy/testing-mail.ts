/** For tests of checks: a mail as a check sees it, and what the check finds of it. */
import { newMessageId } from '../base/ids.ts';
import { systemClock } from '../base/clock.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import { PartStream } from '../proto/mime/part-stream.ts';
import type { Authentication } from './authentication.ts';
import type { Check, CheckedMail, Found } from './check.ts';
import { ContentGatherer, shownTo } from './content.ts';

/** Lines end with LF in `text`. */
export async function foundBy(
  check: Check,
  text: string,
  more: Partial<CheckedMail> & { authentication?: Authentication } = {},
): Promise<Found> {
  const bytes = Buffer.from(text.replaceAll('\n', '\r\n'));
  const block = parseHeaders(bytes);
  const { authentication, ...given } = more;
  const mail: CheckedMail = {
    id: newMessageId(systemClock),
    direction: 'in',
    ip: '8.0.2.3',
    helo: 'mail.there.test',
    tls: null,
    sender: 'bob@there.test',
    to: [{ address: 'alice@example.co.jp', org: 'org', account: 'a' }],
    header: bytes.subarray(0, block.end),
    block,
    ...given,
  };
  const running = check.begin(mail);
  if (running === undefined) return { findings: [] };
  const gatherer = new ContentGatherer();
  const several = running.part === undefined ? [gatherer.part] : [gatherer.part, running.part];
  const parts = new PartStream(mail.header, block, shownTo(several));
  const body = bytes.subarray(block.bodyStart);
  parts.push(body);
  parts.end();
  await running.body?.(body);
  return running.finish({
    content: gatherer.content,
    findings: [],
    ...(authentication && { authentication }),
  });
}

/** `rule weight`, and `for org` where it is for one alone. */
export const told = ({ findings }: Found): string[] =>
  findings.map(({ rule, weight, org }) => `${rule} ${weight}${org === undefined ? '' : ` for ${org}`}`);
