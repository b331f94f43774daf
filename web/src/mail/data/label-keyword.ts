/** How labels and the keywords of mail go together. */
import type { Label } from '../../../../src/httpd/admin-api/contract-self-mail.ts';
import type { EmailRow } from '../jmap/types.ts';

export const labelsOf = (
  { keywords }: Pick<EmailRow, 'keywords'>,
  labels: readonly Label[],
): readonly Label[] => labels.filter(({ keyword }) => keywords[keyword.toLowerCase()] !== undefined);

/** The keyword of a new label, made as Thunderbird makes those of its tags: there it is the tag of the same name. */
export function keywordFor(name: string, taken: readonly Label[]): string {
  const base = modifiedUtf7(name.trim().replaceAll(/[ ()/{%*<>\\"\]]/g, '_'))
    .toLowerCase()
    .replace(/^\$/, '_')
    .slice(0, 90);
  const used = new Set(taken.map(({ keyword }) => keyword.toLowerCase()));
  for (let i = 1; ; i++) {
    const keyword = i === 1 ? base : `${base}-${i}`;
    if (!used.has(keyword)) return keyword;
  }
}

/** RFC 3501, 5.1.3. */
function modifiedUtf7(text: string): string {
  return text.replaceAll(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-';
    const bytes: number[] = [];
    for (let i = 0; i < run.length; i++) bytes.push(run.charCodeAt(i) >> 8, run.charCodeAt(i) & 0xff);
    return `&${btoa(String.fromCharCode(...bytes))
      .replace(/=+$/, '')
      .replaceAll('/', ',')}-`;
  });
}
