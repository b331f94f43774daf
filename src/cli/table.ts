/** Tables for a terminal: columns as wide as they need to be, Japanese characters counted as two. */

export interface Column<T> {
  readonly title: string;
  readonly of: (item: T) => string | number;
  /** Numbers stand right. */
  readonly right?: boolean;
}

/** Lines of the table; `['(none)']` when there is nothing. */
export function table<T>(items: readonly T[], columns: readonly Column<T>[]): string[] {
  if (items.length === 0) return ['(none)'];
  const cells = [columns.map((c) => c.title), ...items.map((item) => columns.map((c) => String(c.of(item))))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => width(row[i]!))));
  return cells.map((row) =>
    row
      .map((cell, i) => {
        const gap = ' '.repeat(widths[i]! - width(cell));
        return columns[i]!.right === true ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Lines of what is known of one thing, names in a column; what is empty is left out. */
export function facts(of: readonly (readonly [name: string, value: string | number])[]): string[] {
  const known = of.filter(([, value]) => value !== '');
  const names = Math.max(...known.map(([name]) => width(name)));
  return known.map(([name, value]) => `${name}${' '.repeat(names - width(name))}  ${value}`);
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

function width(text: string): number {
  let sum = 0;
  for (const character of text) sum += wide.test(character) ? 2 : 1;
  return sum;
}

/** `3m`, `2h 5m`, `4d`: how long ago or how long until. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d`;
}
