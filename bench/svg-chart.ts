/** A line chart as SVG: enough to see a benchmark by. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface ChartOptions {
  readonly title: string;
  readonly x: string;
  readonly series: readonly Series[];
}

const [width, height] = [860, 360];
const [left, top, right, bottom] = [56, 40, 20, 40];
/** Told apart by those who do not see all colours (Okabe and Ito). */
const colours = ['#000000', '#0072b2', '#e69f00', '#cc79a7', '#009e73'];

export function chart({ title, x: unit, series }: ChartOptions): string {
  const all = series.flatMap(({ points }) => points);
  const xMax = Math.max(...all.map(([x]) => x), 1e-9);
  const yMax = Math.max(...all.map(([, y]) => y), 1e-9) * 1.05;
  const atX = (x: number): string => (left + (x / xMax) * (width - left - right)).toFixed(1);
  const atY = (y: number): string => (height - bottom - (y / yMax) * (height - top - bottom)).toFixed(1);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const grid = ticks.map((part) => {
    const y = atY(yMax * part);
    const x = atX(xMax * part);
    return `<line x1="${left}" x2="${width - right}" y1="${y}" y2="${y}" stroke="#ddd"/><text x="${left - 6}" y="${y}" text-anchor="end" dominant-baseline="middle">${number(yMax * part)}</text><text x="${x}" y="${height - bottom + 16}" text-anchor="middle">${number(xMax * part)}</text>`;
  });
  const lines = series.map(({ points }, i) => {
    const path = points.map(([x, y], n) => `${n === 0 ? 'M' : 'L'}${atX(x)} ${atY(y)}`).join('');
    const dash = i === 0 ? ' stroke-dasharray="6 4"' : '';
    return `<path d="${path}" fill="none" stroke="${colours[i % colours.length]!}" stroke-width="1.5"${dash}/>`;
  });
  const legend = series.map(
    ({ name }, i) =>
      `<text x="${left + i * 150}" y="${height - 8}" fill="${colours[i % colours.length]!}">${escaped(name)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12"><rect width="${width}" height="${height}" fill="#fff"/><text x="${left}" y="22" font-size="15">${escaped(title)} (${escaped(unit)})</text>${grid.join('')}${lines.join('')}${legend.join('')}</svg>\n`;
}

const number = (value: number): string => String(Number(value.toPrecision(3)));
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
