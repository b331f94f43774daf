/**
 * What is counted of a header: who says to have written, the subject, the mailer, how it is built.
 *
 * Left out is what tells not the mail but the mailbox it was found in (recipients, Delivered-To), what is ours (Authentication-Results, X-Spam-…), and
 * what is new in every mail. Hosts on the way are counted by `routeTokens`, from the session or from our own Received line. Pure.
 */
import { isAscii } from 'node:buffer';
import { displayName, flatten, parseAddresses, type Mailbox } from '../../proto/mime/address.ts';
import { parseDate } from '../../proto/mime/date.ts';
import { decodeWords } from '../../proto/mime/encoded-word.ts';
import { fieldText, findField, type HeaderBlock } from '../../proto/mime/headers.ts';
import { parameter, parseParameterized } from '../../proto/mime/parameter.ts';
import { registrableDomain } from '../../proto/dns/registrable.ts';
import { wordsOf } from './words.ts';

/** Fields that tell something by being there. */
const telling = [
  'list-id',
  'list-unsubscribe',
  'list-post',
  'precedence',
  'in-reply-to',
  'references',
  'reply-to',
  'sender',
  'organization',
  'x-priority',
  'x-msmail-priority',
  'importance',
  'errors-to',
  'mime-version',
  'user-agent',
  'x-mailer',
  'message-id',
  'date',
  'to',
  'cc',
  'feedback-id',
  'auto-submitted',
];

export function headerTokens(header: Buffer, block: HeaderBlock): string[] {
  const text = (name: string): string => {
    const field = findField(block, name);
    return field === undefined ? '' : fieldText(header, field).slice(0, 2000);
  };
  const from = flatten(parseAddresses(text('from')))[0];
  return [
    ...subjectTokens(text('subject')),
    ...telling.map((name) => `has:${findField(block, name) === undefined ? 'no-' : ''}${name}`),
    ...authorTokens(from, text('from')),
    ...otherAuthors(from, text),
    ...toTokens(text('to'), text('cc')),
    ...wordsOf(text('x-mailer') + ' ' + text('user-agent')).map((word) => `mailer:${word}`),
    ...formTokens(text),
    ...dateTokens(text('date')),
    ...(isAscii(header) ? [] : ['odd:raw-header']),
  ];
}

function subjectTokens(raw: string): string[] {
  const subject = decodeWords(raw);
  const charset = /=\?([\w-]{2,20})\?/.exec(raw)?.[1]?.toLowerCase();
  const letters = subject.replace(/[^\p{L}]/gu, '');
  return [
    ...wordsOf(subject).map((word) => `subject:${word}`),
    ...(charset === undefined ? [] : [`subject-charset:${charset}`]),
    ...(charset !== undefined && /^[\x20-\x7e]*$/.test(subject) ? ['odd:needless-encoding'] : []),
    ...(letters.length > 4 && letters === letters.toUpperCase() && letters !== letters.toLowerCase()
      ? ['odd:capitals']
      : []),
    ...(/\s{6,}\S/.test(subject) ? ['odd:gap-in-subject'] : []),
    ...(subject === '' ? ['odd:no-subject'] : []),
    ...(/^(?:re|aw|sv|fwd?)[:：]/i.test(subject) ? ['subject-is:answer'] : []),
  ];
}

function authorTokens(from: Mailbox | undefined, raw: string): string[] {
  if (from === undefined) return ['odd:no-author'];
  const domain = domainOf(from);
  const name = displayName(from) ?? '';
  return [
    `from:${from.local.toLowerCase().slice(0, 64)}@${from.domain.toLowerCase().slice(0, 255)}`,
    `from-domain:${domain}`,
    ...wordsOf(name).map((word) => `from-name:${word}`),
    ...(name === '' ? ['from-is:nameless'] : []),
    ...(/\d{3,}/.test(from.local) ? ['from-is:numbered'] : []),
    ...(/[^\s<>"@]+@[^\s<>"@]+/.test(name) && !name.toLowerCase().includes(domain)
      ? ['odd:address-as-name']
      : []),
    ...(raw.includes('=?') && /^[\x20-\x7e]*$/.test(name) ? ['odd:needless-encoding'] : []),
  ];
}

/** Answers, errors and the Message-ID that belong to somebody else than the author. */
function otherAuthors(from: Mailbox | undefined, text: (name: string) => string): string[] {
  const tokens: string[] = [];
  const own = from === undefined ? '' : domainOf(from);
  const answers = flatten(parseAddresses(text('reply-to')))[0];
  if (answers !== undefined) {
    tokens.push(`reply-to:${domainOf(answers)}`);
    tokens.push(domainOf(answers) === own ? 'reply-to-is:own' : 'reply-to-is:other');
  }
  const id = /@([^\s>@]{1,255})>?\s*$/.exec(text('message-id'))?.[1]?.toLowerCase();
  if (id === undefined) return [...tokens, 'id-is:odd'];
  const domain = registrableDomain(id);
  return [...tokens, domain === undefined ? 'id-is:nameless' : domain === own ? 'id-is:own' : 'id-is:other'];
}

/** How many, not who. */
function toTokens(to: string, cc: string): string[] {
  const count = flatten(parseAddresses(`${to}${cc === '' ? '' : `, ${cc}`}`)).length;
  return [
    `to-count:${count > 9 ? 'many' : count > 3 ? 'some' : count}`,
    ...(/undisclosed/i.test(to) ? ['to-is:undisclosed'] : []),
  ];
}

function formTokens(text: (name: string) => string): string[] {
  const type = parseParameterized(text('content-type'));
  const charset = parameter(type.params, 'charset')?.toLowerCase();
  const boundary = parameter(type.params, 'boundary');
  return [
    `type:${type.value.toLowerCase().slice(0, 40)}`,
    ...(charset === undefined ? [] : [`charset:${charset.slice(0, 20)}`]),
    ...(boundary === undefined
      ? []
      : [
          `boundary:${boundary
            .replace(/[0-9]+/g, '9')
            .replace(/[a-z]+/gi, 'a')
            .slice(0, 30)}`,
        ]),
    ...(text('content-transfer-encoding') === ''
      ? []
      : [`encoding:${text('content-transfer-encoding').toLowerCase().slice(0, 20)}`]),
    ...(text('x-priority') === '' ? [] : [`priority:${text('x-priority').slice(0, 1)}`]),
  ];
}

function dateTokens(raw: string): string[] {
  const date = parseDate(raw);
  const zone = /[+-]\d{4}/.exec(raw)?.[0];
  return date === undefined ? ['odd:date'] : [`zone:${zone ?? 'named'}`];
}

const domainOf = ({ domain }: Mailbox): string =>
  registrableDomain(domain.toLowerCase()) ?? domain.toLowerCase().slice(0, 255);
