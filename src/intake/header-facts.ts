/** What intake needs to know of a header: one pass over its fields. */
import { decodeWords } from '../proto/mime/encoded-word.ts';
import { fieldText, parseHeaders, type HeaderBlock } from '../proto/mime/headers.ts';

/** Characters of Message-ID and Subject that go along in the queue, for lists and notices. */
export const shownCharsMax = 200;

export interface HeaderFacts {
  readonly block: HeaderBlock;
  readonly received: number;
  /** With its brackets; `''` when there is none. Cut to `shownCharsMax`. */
  readonly messageId: string;
  /** Decoded, cut to `shownCharsMax`. */
  readonly subject: string;
  /** Signed as a whole (RFC 6376): no field may change. */
  readonly dkim: boolean;
  /** The body is signed or encrypted (RFC 1847, RFC 8551): no octet of it may change. */
  readonly sealedBody: boolean;
  /** `TLS-Required: No`, once (RFC 8689, 3). */
  readonly tlsOptional: boolean;
  /** The idempotency key of whoever submits it; `''`: none. */
  readonly onceKey: string;
  /** What the message is written in, as far as its header tells. */
  readonly language: 'en' | 'ja' | undefined;
}

/** `header` is whole lines without the blank line. */
export function readHeaderFacts(header: Buffer): HeaderFacts {
  const block = parseHeaders(header);
  let received = 0;
  let dkim = false;
  let messageId = '';
  let subject = '';
  let sealedBody = false;
  let onceKey = '';
  let language: HeaderFacts['language'];
  const tlsRequired: string[] = [];
  for (const field of block.fields) {
    switch (field.name) {
      case 'received':
        received += 1;
        break;
      case 'dkim-signature':
      case 'arc-message-signature':
        dkim = true;
        break;
      case 'message-id':
        messageId ||= fieldText(header, field).slice(0, shownCharsMax);
        break;
      case 'subject':
        subject ||= decodeWords(fieldText(header, field)).slice(0, shownCharsMax);
        break;
      case 'idempotency-key':
      case 'x-idempotency-key':
        onceKey ||= fieldText(header, field).trim();
        break;
      case 'tls-required':
        tlsRequired.push(fieldText(header, field).trim().toLowerCase());
        break;
      case 'content-language':
        language ??= languageTag(fieldText(header, field));
        break;
      case 'content-type': {
        const type = fieldText(header, field);
        sealedBody ||= /^(?:multipart\/(?:signed|encrypted)|application\/(?:x-)?pkcs7-mime)\b/i.test(type);
        if (japaneseCharset.test(type)) language ??= 'ja';
        break;
      }
    }
  }
  const tlsOptional = tlsRequired.length === 1 && tlsRequired[0] === 'no';
  if (kana.test(subject)) language ??= 'ja';
  return {
    block,
    received,
    messageId,
    subject: subject.toWellFormed(),
    dkim,
    sealedBody,
    tlsOptional,
    onceKey,
    language,
  };
}

/** The first language of RFC 3282 that we speak. */
function languageTag(text: string): HeaderFacts['language'] {
  const [, tag] = /(?:^|,)\s*(ja|en)(?=[-,\s(]|$)/i.exec(text) ?? [];
  return tag?.toLowerCase() as HeaderFacts['language'];
}

const japaneseCharset = /charset\s*=\s*"?(?:iso-2022-jp|shift_jis|sjis|x-sjis|windows-31j|euc-jp)/i;
/** Hiragana and katakana, full and half width: characters that no other language is written in. */
const kana = /[\u3041-\u30ff\uff66-\uff9f]/;
