/**
 * ENVELOPE as the wire wants it (RFC 3501, 7.4.2), from an indexed message.
 *
 * A group is written as its start (name in the mailbox place, no host), its members and its end. So that an incomplete address is never taken for one,
 * a missing local part or domain is an empty string, not NIL.
 */
import type { Address, Mailbox } from '../mime/address.ts';
import type { Envelope } from '../mime/envelope.ts';
import { nstring, string } from './response.ts';

export function envelopeText(envelope: Envelope, utf8 = false): string {
  const from = addressList(envelope.from, utf8);
  const or = (list: readonly Address[]): string => (list.length === 0 ? from : addressList(list, utf8));
  return (
    `(${nstring(envelope.date, utf8)} ${nstring(envelope.subject, utf8)} ${from} ` +
    `${or(envelope.sender)} ${or(envelope.replyTo)} ${addressList(envelope.to, utf8)} ` +
    `${addressList(envelope.cc, utf8)} ${addressList(envelope.bcc, utf8)} ` +
    `${nstring(envelope.inReplyTo, utf8)} ${nstring(envelope.messageId, utf8)})`
  );
}

function addressList(addresses: readonly Address[], utf8: boolean): string {
  if (addresses.length === 0) return 'NIL';
  let out = '(';
  for (const address of addresses) {
    if ('group' in address) {
      out += `(NIL NIL ${string(address.group, utf8)} NIL)`;
      for (const member of address.members) out += mailbox(member, utf8);
      out += '(NIL NIL NIL NIL)';
    } else out += mailbox(address, utf8);
  }
  return `${out})`;
}

function mailbox({ name, local, domain, route }: Mailbox, utf8: boolean): string {
  return `(${nstring(name, utf8)} ${nstring(route, utf8)} ${string(local, utf8)} ${string(domain, utf8)})`;
}
