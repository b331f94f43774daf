/** The notice of `reject`: a disposition notification with the reason for people (RFC 5429, 2.2.1; RFC 8098), the message with it. */
import type { Reject } from './action.ts';
import { parseAddresses } from '../mime/address.ts';
import { compose, type DraftField } from '../mime/compose.ts';
import type { Letter } from './letter.ts';
import type { ReplyFacts, WrittenMail } from './reply-facts.ts';
import { charactersOf, shown } from './text.ts';
import { charsetOf, idsIn, threadFields } from './vacation-reply.ts';

export interface Rejected {
  /** As it was received: what a script changed is not told (RFC 5429, 2.4). */
  readonly letter: Letter;
  /** All of it, or its header. */
  readonly returned: Buffer;
  readonly sender: string;
  readonly recipient: string;
}

const words = {
  en: {
    subject: 'Your message was refused',
    opening:
      "The message was refused by the recipient's mail filtering program. The reason given was as follows:",
  },
  ja: {
    subject: 'メールは受信者により拒否されました',
    opening: 'メールは受信者の振り分け設定により拒否されました。理由は次のとおりです。',
  },
} as const;

export function writeRejection(action: Reject, rejected: Rejected, facts: ReplyFacts): WrittenMail {
  const { letter, sender, recipient, returned } = rejected;
  const said = words[facts.language];
  const headers: DraftField[] = [
    { name: 'From', addresses: parseAddresses(facts.ownAddress) },
    { name: 'To', addresses: parseAddresses(sender) },
    { name: 'Subject', text: said.subject },
    { name: 'Date', dateMs: facts.nowMs, zoneMinutes: facts.zoneMinutes },
    { name: 'Message-ID', raw: facts.messageId },
    { name: 'Auto-Submitted', raw: 'auto-replied (rejected)' },
    ...threadFields(letter),
  ];
  const bytes = compose({
    headers,
    charset: charsetOf(letter),
    body: {
      is: 'multipart',
      subtype: 'report',
      params: [['report-type', 'disposition-notification']],
      boundary: facts.boundary,
      parts: [
        { is: 'text', text: `${said.opening}\n\n${shown(action.reason)}\n` },
        {
          is: 'verbatim',
          type: 'message/disposition-notification',
          bytes: Buffer.from(dispositionFields(letter, recipient, facts), 'latin1'),
        },
        returnedPart(returned),
      ],
    },
  });
  return { to: [sender], bytes };
}

/** RFC 8098, 3.1; modes and type as RFC 5429, 2.2.1 wants them. */
function dispositionFields(letter: Letter, recipient: string, { hostname }: ReplyFacts): string {
  const [id] = idsIn(letter.values('message-id')[0] ?? '');
  const typed = isAscii(recipient) ? `rfc822; ${recipient}` : `utf-8; ${asciiOf(recipient)}`;
  return [
    `Reporting-UA: ${hostname}; Hikyaku`,
    `Final-Recipient: ${typed}`,
    ...(id === undefined ? [] : [`Original-Message-ID: ${id}`]),
    'Disposition: automatic-action/MDN-sent-automatically; deleted',
    '',
  ].join('\r\n');
}

const isAscii = (text: string): boolean => !/[^\x20-\x7e]/.test(text);

/** RFC 6533, 3: `\x{…}` for what is not ASCII. */
const asciiOf = (text: string): string =>
  charactersOf(text)
    .map((character) =>
      isAscii(character) ? character : `\\x{${character.codePointAt(0)!.toString(16).toUpperCase()}}`,
    )
    .join('');

function returnedPart(bytes: Buffer) {
  const whole = bytes.includes('\r\n\r\n', 0, 'latin1');
  return { is: 'verbatim', type: whole ? 'message/rfc822' : 'text/rfc822-headers', bytes } as const;
}
