/**
 * Lists of addresses as files: CSV as spreadsheets write it (RFC 4180; also with tabs or semicolons), in UTF-8 with or without its mark, or in Shift_JIS, as Japanese spreadsheets
 * do. A first line without an address is a heading; its names may say where the address, the cause and the reason stand.
 */
import { decodeUnlabelled } from '../proto/mime/charset.ts';
import type { Suppression } from './entry.ts';

export interface ListedAddress {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly address: string;
  readonly cause: string;
  readonly reason: string;
  readonly scope: string;
}

const bom = '\ufeff';
/** Rows of one file. */
export const importMax = 200_000;

export function readAddresses(bytes: Uint8Array): ListedAddress[] {
  const text = textOf(bytes);
  const records = recordsOf(text, separatorOf(text));
  const [first] = records;
  if (first === undefined) return [];
  const named = first.cells.every((cell) => !cell.includes('@'));
  const columns = columnsOf(named ? first.cells : []);
  const found: ListedAddress[] = [];
  for (const { line, cells } of named ? records.slice(1) : records) {
    const at = columns.address ?? cells.findIndex((cell) => cell.includes('@'));
    const cell = (index: number | undefined): string =>
      index === undefined ? '' : (cells[index] ?? '').trim();
    const address = cell(Math.max(at, 0));
    if (address === '' && cells.every((one) => one.trim() === '')) continue;
    found.push({
      line,
      address,
      cause: cell(columns.cause),
      reason: cell(columns.reason),
      scope: cell(columns.scope),
    });
  }
  return found;
}

function textOf(bytes: Uint8Array): string {
  const { text } = decodeUnlabelled(bytes);
  return text.startsWith(bom) ? text.slice(1) : text;
}

const separatorOf = (text: string): string => {
  const [line = ''] = text.split(/\r?\n/, 1);
  return ['\t', ';', ','].find((one) => line.includes(one)) ?? ',';
};

interface Columns {
  readonly address?: number;
  readonly cause?: number;
  readonly reason?: number;
  readonly scope?: number;
}

const names: readonly (readonly [keyof Columns, RegExp])[] = [
  ['address', /^(?:e-?mail|mail|address|recipient|メール|アドレス|宛先)/i],
  ['cause', /^(?:cause|type|原因|種別)/i],
  ['reason', /^(?:reason|note|comment|理由|備考)/i],
  ['scope', /^(?:scope|範囲)/i],
];

function columnsOf(cells: readonly string[]): Columns {
  const found: { -readonly [K in keyof Columns]: number } = {};
  for (const [name, says] of names) {
    const at = cells.findIndex((cell) => says.test(cell.trim()));
    if (at !== -1) found[name] = at;
  }
  return found;
}

/** RFC 4180: quotes around what holds separators and line ends, doubled within. */
function recordsOf(text: string, separator: string): { line: number; cells: string[] }[] {
  const records: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let start = 1;
  const end = (): void => {
    cells.push(cell);
    if (cells.length > 1 || cell.trim() !== '') records.push({ line: start, cells });
    cells = [];
    cell = '';
    start = line;
  };
  for (let i = 0; i < text.length && records.length < importMax; i++) {
    const char = text[i]!;
    if (char === '\n') line++;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') cell += text[++i]!;
      else quoted = false;
    } else if (char === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (char === separator) {
      cells.push(cell);
      cell = '';
    } else if (char === '\n') end();
    else if (char !== '\r') cell += char;
  }
  if (cell !== '' || cells.length > 0) end();
  return records;
}

export const csvHead = `${bom}address,scope,cause,reason,phase,reply,message,by,at,until\r\n`;

/** A line of the list. What a spreadsheet would take for a formula is only text. */
export function csvLine(e: Suppression): string {
  const until = e.untilMs === 0 ? '' : new Date(e.untilMs).toISOString();
  const cells = [
    e.address,
    e.scope,
    e.cause,
    e.reason,
    e.phase,
    e.reply,
    e.message,
    e.by,
    new Date(e.atMs).toISOString(),
    until,
  ];
  return `${cells.map(quotedCell).join(',')}\r\n`;
}

function quotedCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
