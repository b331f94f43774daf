/** The reports in a mail, or in a file: found by what they contain, not by what they are called. */
import { decodeTransfer } from '../mime/decode-transfer.ts';
import { indexMessage, type Part } from '../mime/structure.ts';
import type { DmarcReport } from './dmarc-report.ts';
import { readDmarcReport } from './read-dmarc-report.ts';
import { readTlsReport, type TlsReport } from './tls-report.ts';
import { unpack } from './unpack.ts';
import { xmlString } from './xml-elements.ts';

export type FoundReport =
  | { readonly is: 'dmarc'; readonly report: DmarcReport }
  | { readonly is: 'tls'; readonly report: TlsReport };

/** Attachments of a mail that are looked at, and reports taken of one. */
const attachmentsMax = 20;
const reportsMax = 20;

/** A whole message as it came. */
export function reportsInMail(message: Buffer): FoundReport[] {
  const found: FoundReport[] = [];
  const leaves = leavesOf(indexMessage(message).root).filter(mayBeReport).slice(0, attachmentsMax);
  for (const { bodyStart, bodyEnd, encoding } of leaves) {
    if (found.length >= reportsMax) break;
    found.push(...reportsInFile(decodeTransfer(message.subarray(bodyStart, bodyEnd), encoding)));
  }
  return found.slice(0, reportsMax);
}

/** A file, perhaps packed. */
export function reportsInFile(bytes: Buffer): FoundReport[] {
  return (unpack(bytes)?.files ?? []).flatMap((file) => reportIn(file) ?? []);
}

/** XML has its root, JSON its names, within their first lines or not at all. */
const headBytes = 4096;

function reportIn(bytes: Buffer): FoundReport | undefined {
  const head = bytes.subarray(0, headBytes).toString('latin1').replaceAll('\0', '');
  if (/^\s*(?:\u00ef\u00bb\u00bf)?\s*\{/.test(head)) {
    const report = readTlsReport(bytes.toString('utf8'));
    return report && { is: 'tls', report };
  }
  if (!/<(?:[\w.-]+:)?feedback[\s>]/i.test(head)) return undefined;
  const report = readDmarcReport(xmlString(bytes));
  return report && { is: 'dmarc', report };
}

/** A report is never for people to read: not in a text that is shown. */
function mayBeReport({ type, subtype, disposition }: Part): boolean {
  if (type === 'application') return true;
  if (type === 'text' && (subtype === 'xml' || subtype === 'json')) return true;
  return type === 'text' ? disposition?.value === 'attachment' : type !== 'multipart';
}

function leavesOf(part: Part): Part[] {
  return part.parts === undefined ? [part] : part.parts.flatMap(leavesOf);
}
