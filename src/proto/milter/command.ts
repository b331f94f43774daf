/** What a mail server says to a filter, as packets. Text has no NUL in it: where mail has one, it is left out. */
import { milterCommands, type MilterCommand } from './constants.ts';
import { packet } from './packet.ts';

/** Names as the filter wants them (`i`, `{mail_addr}`), with values. */
export type Macros = readonly (readonly [name: string, value: string])[];

const nul = Buffer.alloc(1);

function texts(...parts: readonly string[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => [Buffer.from(part.replaceAll('\0', ''), 'utf8'), nul]));
}

export const simple = (command: MilterCommand): Buffer => packet(milterCommands[command]);

/** The values that go with the command that follows. */
export function macros(command: MilterCommand, values: Macros): Buffer {
  const letter = Buffer.from(milterCommands[command], 'latin1');
  return packet('D', Buffer.concat([letter, texts(...values.flat())]));
}

/** `name`: of the client, or its address in brackets. */
export function connect(name: string, ip: string, port: number): Buffer {
  const known = ip !== '';
  if (!known) return packet('C', Buffer.concat([texts(name), Buffer.from('U', 'latin1')]));
  const number = Buffer.alloc(2);
  number.writeUInt16BE(port & 0xffff, 0);
  const family = Buffer.from(ip.includes(':') ? '6' : '4', 'latin1');
  return packet('C', Buffer.concat([texts(name), family, number, texts(ip)]));
}

export const helo = (name: string): Buffer => packet('H', texts(name));

/** `address` without brackets; `params` as ESMTP has them: `SIZE=100`. */
export const mail = (address: string, params: readonly string[]): Buffer =>
  packet('M', texts(`<${address}>`, ...params));

export const rcpt = (address: string, params: readonly string[]): Buffer =>
  packet('R', texts(`<${address}>`, ...params));

/** `value` as it is in the message, without its CRLF at the end; where it is folded, filters see LF. */
export function header(name: string, value: Buffer, keepsLeadingSpace: boolean): Buffer {
  const text = value.toString('latin1').replaceAll('\0', '').replaceAll('\r\n', '\n');
  const shown = keepsLeadingSpace ? text : text.replace(/^[ \t]/, '');
  return packet('L', Buffer.concat([Buffer.from(name, 'latin1'), nul, Buffer.from(shown, 'latin1'), nul]));
}

export const body = (chunk: Uint8Array): Buffer => packet('B', chunk);
