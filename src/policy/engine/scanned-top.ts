/**
 * What engines see on top of a mail, as a mail server would put it there on delivery: who it is from by its envelope, and from where it came to us.
 * SpamAssassin takes the client's address from it, and ClamAV tells a mail by it from other files.
 */
import { formatDate } from '../../proto/mime/date.ts';
import { domainToAscii } from '../../proto/smtp/domain.ts';
import type { CheckedMail } from '../check.ts';

export function scannedTop(mail: CheckedMail, hostName: string, atMs: number): string {
  const { ip, helo, tls, login, sender, id } = mail;
  const literal = `[${ip.includes(':') ? 'IPv6:' : ''}${ip}]`;
  const name = (helo === '' ? undefined : domainToAscii(helo)) ?? literal;
  const word = `ESMTP${tls === null ? '' : 'S'}${login === undefined ? '' : 'A'}`;
  const from = ip === '' ? '' : `from ${name} (${literal})\r\n\t`;
  const path = sender.replace(/[\u0000-\u0020<>\u007f]/g, '');
  return `Return-Path: <${path}>\r\nReceived: ${from}by ${hostName} with ${word} id ${id};\r\n\t${formatDate(atMs)}\r\n`;
}
