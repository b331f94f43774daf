/** Files of a mail: given in base64, or fetched from where they are. */
import { Refusal } from '../../base/refusal.ts';
import type { Fetched } from '../../relay/link.ts';
import { decodeBase64 } from '../../proto/mime/base64.ts';
import type { NewMessage } from './contract.ts';
import type { AttachedFile } from './draft.ts';

export type FetchLink = (link: string, at: string) => Promise<Fetched>;

/** Links of one mail. */
const linksMax = 20;

export async function attachedFiles(
  fetchLink: FetchLink,
  attachments: NewMessage['attachments'] = [],
): Promise<AttachedFile[]> {
  if (attachments.filter(({ url }) => url !== undefined).length > linksMax)
    throw new Refusal('limitReached', `at most ${linksMax} links`, { at: 'attachments' });
  const files: AttachedFile[] = [];
  for (const [i, given] of attachments.entries()) {
    const at = `attachments.${i}`;
    const { filename, contentType, contentId, content, url } = given;
    if ((content === undefined) === (url === undefined))
      throw new Refusal('invalid', 'needs either content or url', { at });
    if (content !== undefined) {
      files.push({ filename, contentType, contentId, bytes: bytesOf(content, `${at}.content`) });
      continue;
    }
    const fetched = await fetchLink(url!, `${at}.url`);
    files.push({
      filename: filename ?? (fetched.filename || undefined),
      contentType: contentType ?? (fetched.contentType || undefined),
      contentId,
      bytes: fetched.bytes,
    });
  }
  return files;
}

function bytesOf(content: string, at: string): Buffer {
  if (!/^[A-Za-z0-9+/_-]*={0,2}\s*$/.test(content.replace(/[\r\n]/g, '')))
    throw new Refusal('invalid', 'is not base64', { at });
  return decodeBase64(content.replaceAll('-', '+').replaceAll('_', '/'));
}
