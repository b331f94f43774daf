/** What one may have forgotten, asked before a mail leaves (宛名チェック): each is shown once, and sending again sends. */
import type { Identity } from '../jmap/types.ts';
import { parseAddress, type Draft } from './draft.ts';

export interface Warning {
  readonly key: 'noRecipients' | 'badAddress' | 'noSubject' | 'noAttachment' | 'manyOpen' | 'outside';
  /** It cannot be sent so. */
  readonly stops?: true;
}

/** Recipients who all see one another. */
const openMax = 20;
const attachedWords = /attach(?:ed|ment)|enclosed|添付|同封/i;

/** `given`: the text it began with, which speaks of other attachments. */
export function warningsOf(draft: Draft, from: Identity, given: string): readonly Warning[] {
  const { to, cc, bcc, subject, files } = draft;
  const all = [...to, ...cc, ...bcc];
  const found: Warning[] = [];
  if (all.length === 0) return [{ key: 'noRecipients', stops: true }];
  if (all.some((text) => parseAddress(text) === undefined)) return [{ key: 'badAddress', stops: true }];
  if (subject.trim() === '') found.push({ key: 'noSubject' });
  const own = draft.text.endsWith(given) ? draft.text.slice(0, draft.text.length - given.length) : draft.text;
  const written = own
    .split('\n')
    .filter((line) => !line.startsWith('>'))
    .join('\n');
  if (files.length === 0 && attachedWords.test(`${written}\n${given === '' ? subject : ''}`))
    found.push({ key: 'noAttachment' });
  if (to.length + cc.length > openMax) found.push({ key: 'manyOpen' });
  const domain = domainOf(from.email);
  if (all.some((text) => domainOf(parseAddress(text)!.email) !== domain)) found.push({ key: 'outside' });
  return found;
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();
