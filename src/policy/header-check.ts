/** The check of what a header is like that no mailer writes, or that hides something. */
import { parseDate } from '../proto/mime/date.ts';
import { decodeWords } from '../proto/mime/encoded-word.ts';
import { fieldText, findField } from '../proto/mime/headers.ts';
import { isLiteral } from '../proto/smtp/domain.ts';
import type { Check, CheckedMail, Finding, Seen } from './check.ts';
import type { Clock } from '../base/clock.ts';

const weights = {
  'header.no-date': 1,
  'header.no-message-id': 0.5,
  'header.no-recipient': 0.3,
  'header.future-date': 1.5,
  'header.old-date': 0.5,
  'header.repeated': 1.5,
  'header.no-subject': 0.3,
  /** Letters that make text run the other way: names of files are hidden so. */
  'header.direction-override': 2,
  'header.helo-no-name': 0.8,
  'header.helo-is-ours': 3,
} as const;

const futureMaxMs = 24 * 3600 * 1000;
const pastMaxMs = 14 * futureMaxMs;
/** There is one of each (RFC 5322, 3.6). Of From that is decided elsewhere. */
const single: ReadonlySet<string> = new Set([
  'date',
  'sender',
  'reply-to',
  'to',
  'cc',
  'message-id',
  'in-reply-to',
  'references',
  'subject',
]);
const overrides = /[\u202d\u202e]/;

export interface HeaderCheckParts {
  readonly clock: Clock;
  /** Names that are ours: nobody else greets with them. */
  readonly ownNames: readonly string[];
}

export function headerCheck({ clock, ownNames }: HeaderCheckParts): Check {
  const ours = new Set(ownNames.map((name) => name.toLowerCase()));
  return {
    name: 'header',
    stage: 'header',
    timeoutMs: 5000,
    onFailure: 'accept',
    rules: weights,
    begin: (mail) =>
      mail.direction === 'out'
        ? undefined
        : {
            finish: (seen) => ({
              findings: [
                ...ofFields(mail),
                ...ofDate(mail, clock.nowMs()),
                ...ofHelo(mail, seen, ours),
                ...ofNames(mail, seen),
              ],
            }),
          },
  };
}

const finding = (rule: keyof typeof weights, detail = ''): Finding => ({
  rule,
  weight: weights[rule],
  detail,
});

function ofFields({ block }: CheckedMail): Finding[] {
  const names = new Set<string>();
  let repeated: string | undefined;
  for (const { name } of block.fields) {
    if (names.has(name) && single.has(name)) repeated ??= name;
    names.add(name);
  }
  const has = (name: string): boolean => names.has(name);
  return [
    ...(has('message-id') ? [] : [finding('header.no-message-id')]),
    ...(has('to') || has('cc') ? [] : [finding('header.no-recipient')]),
    ...(has('subject') ? [] : [finding('header.no-subject')]),
    ...(repeated === undefined ? [] : [finding('header.repeated', repeated)]),
  ];
}

function ofDate({ header, block }: CheckedMail, nowMs: number): Finding[] {
  const field = findField(block, 'date');
  const text = field && fieldText(header, field);
  const date = text === undefined ? undefined : parseDate(text);
  if (text === undefined || date === undefined) return [finding('header.no-date', text?.slice(0, 60))];
  if (date.atMs > nowMs + futureMaxMs) return [finding('header.future-date', text.slice(0, 60))];
  return date.atMs < nowMs - pastMaxMs ? [finding('header.old-date', text.slice(0, 60))] : [];
}

function ofHelo({ helo, ip }: CheckedMail, { authentication }: Seen, ours: ReadonlySet<string>): Finding[] {
  const name = helo.toLowerCase();
  // Another server of ours may greet so, where SPF knows it.
  const spf = authentication?.heloSpf ?? authentication?.spf;
  const proved = spf?.result === 'pass' && spf.domain.toLowerCase() === name;
  if (ours.has(name) && !proved) return [finding('header.helo-is-ours', `${helo} from ${ip}`)];
  const named = isLiteral(name) || name.includes('.');
  return named && name !== ip ? [] : [finding('header.helo-no-name', helo)];
}

function ofNames({ header, block }: CheckedMail, { content: { parts } }: Seen): Finding[] {
  const names = parts.map(({ fileName }) => fileName);
  for (const one of ['subject', 'from']) {
    const field = findField(block, one);
    if (field) names.push(decodeWords(fieldText(header, field)));
  }
  const hidden = names.find((name) => overrides.test(name));
  return hidden === undefined
    ? []
    : [finding('header.direction-override', JSON.stringify(hidden.slice(0, 80)))];
}
