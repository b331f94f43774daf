/** Whether a host name spells the address it belongs to, as names do that a provider gives to whole ranges at once. */
import { parseAddress, type AddressBlock } from '../../net/address-block.ts';

/** `whole`: three octets of it at least, or its interface part. `part`: its last two octets. */
export type Spelled = 'whole' | 'part' | 'no';

export function addressInName(name: string, ip: string): Spelled {
  const address = parseAddress(ip);
  if (address === undefined) return 'no';
  const lower = name.toLowerCase();
  if (address.family === 6) return spellsV6(lower, address) ? 'whole' : 'no';
  return spelledV4(lower, octetsOf(address));
}

const octetsOf = ({ bits }: AddressBlock): number[] =>
  [24n, 16n, 8n, 0n].map((shift) => Number((bits >> shift) & 0xffn));

function spelledV4(name: string, octets: readonly number[]): Spelled {
  const reversed = octets.toReversed();
  for (const order of [octets, reversed]) {
    // Without separators: 126000000001, 7e000001 (also within a longer word, as zaq7e000001).
    const padded = order.map((octet) => String(octet).padStart(3, '0')).join('');
    const hex = order.map((octet) => octet.toString(16).padStart(2, '0')).join('');
    if (name.includes(padded) || name.includes(hex)) return 'whole';
  }
  if (name.includes(String(octets.reduce((sum, octet) => sum * 256 + octet, 0)))) return 'whole';
  const numbers = name.match(/\d+/g)?.map(Number) ?? [];
  const longest = Math.max(longestRun(numbers, octets), longestRun(numbers, reversed));
  if (longest >= 3) return 'whole';
  if (hasRun(name.split(/[^0-9a-f]+/), hexOf(octets)) || hasRun(name.split(/[^0-9a-f]+/), hexOf(reversed)))
    return 'whole';
  // Rotated: the host's part first, then the network: 4-3.1-2.
  const rotated = [...octets.slice(2), ...octets.slice(0, 2)];
  if (
    longestRun(numbers, rotated) === 4 ||
    longestRun(
      numbers,
      [3, 2, 0, 1].map((i) => octets[i]!),
    ) === 4
  )
    return 'whole';
  return endsIn(numbers, octets[2]!, octets[3]!) ? 'part' : 'no';
}

const hexOf = (octets: readonly number[]): string[] =>
  octets.map((octet) => octet.toString(16).padStart(2, '0'));

/** How many numbers in a row are octets in a row. */
function longestRun(numbers: readonly number[], octets: readonly number[]): number {
  let longest = 0;
  for (let at = 0; at < numbers.length; at++)
    for (let from = 0; from < octets.length; from++) {
      let length = 0;
      while (from + length < octets.length && numbers[at + length] === octets[from + length]) length += 1;
      longest = Math.max(longest, length);
    }
  return longest;
}

const endsIn = (numbers: readonly number[], third: number, fourth: number): boolean =>
  numbers.some(
    (number, i) =>
      (number === third && numbers[i + 1] === fourth) || (number === fourth && numbers[i + 1] === third),
  );

function hasRun(words: readonly string[], run: readonly string[]): boolean {
  return words.some((_, at) => run.every((word, i) => words[at + i] === word));
}

/** The whole address or its interface part (the last 64 bits), nibbles in either order or groups, with separators of any kind. */
function spellsV6(name: string, { bits }: AddressBlock): boolean {
  const nibbles = bits.toString(16).padStart(32, '0');
  const bare = name.replaceAll(/[^0-9a-z]/g, '');
  const part = nibbles.slice(16);
  // A short interface part (::1, ::25) is one that somebody chose, and stands in many names by chance.
  const isLong = !part.startsWith('00000000');
  const wanted = isLong ? [nibbles, part] : [nibbles];
  const backwards = (text: string): string => text.split('').toReversed().join('');
  if (wanted.some((text) => bare.includes(text) || bare.includes(backwards(text)))) return true;
  const groups = Array.from({ length: 8 }, (_, i) => nibbles.slice(4 * i, 4 * i + 4).replace(/^0{1,3}/, ''));
  const words = name.split(/[^0-9a-f]+/);
  return (
    hasRun(words, groups) ||
    (isLong && hasRun(words, groups.slice(4))) ||
    hasRun(
      words,
      groups.filter((group) => group !== '0'),
    )
  );
}
