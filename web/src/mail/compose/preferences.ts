/** How one likes to write, kept in this browser. */
import type { Format } from './draft.ts';

const formatKey = 'hikyaku.compose.format';

export const preferredFormat = (): Format => (localStorage.getItem(formatKey) === 'plain' ? 'plain' : 'html');

export function preferFormat(format: Format): void {
  localStorage.setItem(formatKey, format);
}
