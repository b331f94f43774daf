/**
 * An answer while away as the Sieve script that gives it (RFC 5230). It runs before the user's own script and lets mail go on to it, so both are at work. Spam is
 * not answered; who is answered, and how often, the vacation of Sieve itself sees to.
 */
import { htmlToText } from '../../../proto/mime/html-text.ts';

export interface Vacation {
  readonly isEnabled: boolean;
  readonly fromDate: string | null;
  readonly toDate: string | null;
  readonly subject: string | null;
  readonly textBody: string | null;
  readonly htmlBody: string | null;
}

/** In percent: mail that is as likely spam as this gets no answer. */
const spamFrom = 50;
const boundary = 'hikyaku-vacation';
const noWords = {
  en: 'I am away and will answer later.',
  ja: '不在にしております。後日返信いたします。',
} as const;

export function vacationScript(
  { fromDate, toDate, subject, textBody, htmlBody }: Vacation,
  of: { readonly addresses: readonly string[]; readonly language: 'en' | 'ja' },
): string {
  const tests = [`not spamtest :percent :value "ge" :comparator "i;ascii-numeric" "${spamFrom}"`];
  if (fromDate !== null) tests.push(dateTest('ge', fromDate));
  if (toDate !== null) tests.push(dateTest('lt', toDate));
  const text = textBody ?? (htmlBody === null ? noWords[of.language] : htmlToText(htmlBody));
  const reason = htmlBody === null ? quoted(text) : `:mime ${quoted(alternatives(text, htmlBody))}`;
  const addresses = of.addresses.filter((address) => !address.startsWith('@'));
  const tags = [
    ...(addresses.length > 0 ? [`:addresses [${addresses.map(quoted).join(', ')}]`] : []),
    ...(subject === null ? [] : [`:subject ${quoted(subject)}`]),
  ];
  return [
    'require ["vacation", "date", "relational", "spamtest", "spamtestplus", "comparator-i;ascii-numeric"];',
    `if allof (${tests.join(',\n  ')}) {`,
    `  vacation ${[...tags, reason].join(' ')};`,
    '}',
    '',
  ].join('\r\n');
}

/** In UTC, as text: parts of equal width. */
function dateTest(relation: 'ge' | 'lt', date: string): string {
  const at = new Date(date).toISOString().replace(/\.\d+Z$/, '+00:00');
  return `currentdate :zone "+0000" :value "${relation}" "iso8601" "${at}"`;
}

const quoted = (text: string): string =>
  `"${text
    .replace(/\r\n|\r|\n/g, '\r\n')
    .replaceAll('\0', '')
    .replace(/[\\"]/g, '\\$&')}"`;

function alternatives(text: string, html: string): string {
  const part = (type: string, content: string): string =>
    [
      `--${boundary}`,
      `Content-Type: text/${type}; charset=utf-8`,
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\r\n'),
      '',
    ].join('\r\n');
  return [
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    part('plain', text) + part('html', html) + `--${boundary}--`,
    '',
  ].join('\r\n');
}
