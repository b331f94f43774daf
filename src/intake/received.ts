/**
 * The trace line we put on top of each message (RFC 5321, 4.4):
 *
 *   Received: from helo ([192.0.2.1])
 *           by mx.example.jp with ESMTPS id 01j9…
 *           for <user@example.jp> tls TLS_AES_256_GCM_SHA384;
 *           Sun, 22 Nov 2026 04:15:05 +0000
 *
 * `with` words: RFC 3848, RFC 6531, 4.3; the `tls` clause: RFC 8314, 4.3. `for` stands only with a single recipient, so that nobody reads
 * who else got the message (RFC 5321, 7.2). What the client said of itself is written only as far as the grammar takes it.
 */
import type { MessageId } from '../base/ids.ts';
import { formatDate } from '../proto/mime/date.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import { formatPath, type Mailbox } from '../proto/smtp/path.ts';
import type { SessionInfo } from './session-info.ts';

export interface TraceFacts {
  readonly id: MessageId;
  readonly hostName: string;
  readonly atMs: number;
  readonly smtpUtf8: boolean;
  /** The only recipient, as the client named it; undefined when there are several. */
  readonly recipient: Mailbox | undefined;
}

export function receivedField(session: SessionInfo, facts: TraceFacts): string {
  const from = session.ip === '' ? '' : `from ${clientName(session)}\r\n\t`;
  const by = `by ${facts.hostName} with ${withWord(session, facts.smtpUtf8)} id ${facts.id}`;
  const one = facts.recipient === undefined ? '' : `\r\n\tfor ${formatPath(facts.recipient)}`;
  const tls = session.tls === null ? '' : `\r\n\ttls ${session.tls.cipher}`;
  return `Received: ${from}${by}${one}${tls};\r\n\t${dateText(facts.atMs)}\r\n`;
}

/** `UTF8SMTPSA` and its simpler relatives. */
function withWord(session: SessionInfo, smtpUtf8: boolean): string {
  const { protocol, tls, principal } = session;
  if (protocol === 'HTTP' || protocol === 'JMAP') return 'HTTP';
  const suffix = `${tls === null ? '' : 'S'}${principal === undefined ? '' : 'A'}`;
  if (smtpUtf8) return `${protocol === 'LMTP' ? 'UTF8LMTP' : 'UTF8SMTP'}${suffix}`;
  return protocol === 'SMTP' ? (suffix === '' ? 'SMTP' : `ESMTP${suffix}`) : `${protocol}${suffix}`;
}

function clientName({ helo, ip }: SessionInfo): string {
  const literal = `[${ip.includes(':') ? 'IPv6:' : ''}${ip}]`;
  const domain = helo === '' ? undefined : domainToAscii(helo);
  if (domain !== undefined) return `${domain} (${literal})`;
  const told = helo.replace(/[^A-Za-z0-9._:-]/g, '?');
  return told === '' ? `${literal} (${literal})` : `${literal} (${literal}) (called itself ${told})`;
}

let lastSecond = -1;
let lastText = '';

/** Formatted once a second: all mail of that second carries the same text. */
export function dateText(atMs: number): string {
  const second = Math.floor(atMs / 1000);
  if (second !== lastSecond) {
    lastText = formatDate(second * 1000);
    lastSecond = second;
  }
  return lastText;
}
