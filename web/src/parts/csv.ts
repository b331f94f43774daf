/** Tables as files. */
import type { Column } from './DataTable.tsx';

export function csvOf<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const told = columns.filter(({ value }) => value !== undefined);
  const lines = [
    told.map(({ head }) => field(head)),
    ...rows.map((row) => told.map(({ value }) => field(value!(row)))),
  ];
  // A mark at the beginning tells spreadsheets that it is UTF-8.
  return `\uFEFF${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}

/** RFC 4180. What a spreadsheet would take for a formula is made text: addresses and subjects come from strangers. */
function field(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function saveText(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
