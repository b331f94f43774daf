/** What one may have forgotten, asked before a mail leaves (宛名チェック): each is shown once, and sending again sends. */
import type { Identity } from '../jmap/types.ts';
import { type Draft, domainOf, parseAddress } from './draft.ts';

export interface Warning {
  readonly key:
    | 'noRecipients'
    | 'badAddress'
    | 'noSubject'
    | 'noAttachment'
    | 'manyOpen'
    | 'outside'
    | 'noForm';
  /** It cannot be sent so. */
  readonly stops?: true;
}

/** Recipients who all see one another. */
const openMax = 20;
/** So many are enough when they are of several organisations. */
const strangersMax = 5;
const attachedWords =
  /\battach(?:ed|ing|ments?)\b|\benclosed\b|添付(?!なし|無し|はありません|ファイルはありません)|同封|別添|ファイルをお送り/i;

/** A large file by link of this server. */
const fileLink = /https?:\/\/[^\s/]+\/files\/[a-z0-9]+-[\w-]{32}/;

export interface Written {
  /** The words it began with, which speak of other attachments. */
  readonly given: string;
  readonly subjectGiven: boolean;
  /** Characters that the chosen encoding has no form for. */
  readonly withoutForm: number;
}

export function warningsOf(
  draft: Draft,
  from: Pick<Identity, 'email'>,
  { given, subjectGiven, withoutForm }: Written,
): readonly Warning[] {
  const { to, cc, bcc, subject, files } = draft;
  const all = [...to, ...cc, ...bcc];
  const found: Warning[] = [];
  if (all.length === 0) return [{ key: 'noRecipients', stops: true }];
  if (all.some((text) => parseAddress(text) === undefined)) return [{ key: 'badAddress', stops: true }];
  if (draft.charset === 'iso-2022-jp' && withoutForm > 0) return [{ key: 'noForm', stops: true }];
  if (subject.trim() === '') found.push({ key: 'noSubject' });
  const own =
    given !== '' && draft.text.endsWith(given)
      ? draft.text.slice(0, draft.text.length - given.length)
      : draft.text;
  const written = own
    .split('\n')
    .filter((line) => !line.startsWith('>'))
    .join('\n');
  if (
    files.length === 0 &&
    !fileLink.test(draft.text) &&
    attachedWords.test(`${written}\n${subjectGiven ? '' : subject}`)
  )
    found.push({ key: 'noAttachment' });
  if (isOpen(draft, from)) found.push({ key: 'manyOpen' });
  if (outsiders(draft, from).length > 0) found.push({ key: 'outside' });
  return found;
}

function isOpen({ to, cc }: Draft, from: Pick<Identity, 'email'>): boolean {
  const open = [...to, ...cc].map((text) => domainOf(parseAddress(text)!.email));
  const foreign = open.filter((domain) => domain !== domainOf(from.email));
  return open.length > openMax || (foreign.length > strangersMax && new Set(foreign).size > 1);
}

/** Addresses outside the organisation, each as it is written. */
export function outsiders(
  { to, cc, bcc }: Pick<Draft, 'to' | 'cc' | 'bcc'>,
  from: Pick<Identity, 'email'>,
): readonly string[] {
  const own = domainOf(from.email);
  return [...to, ...cc, ...bcc].filter((text) => {
    const email = parseAddress(text)?.email;
    return email !== undefined && domainOf(email) !== own;
  });
}
