/** Domains that are made to be taken for another: one letter off, or of letters of other scripts. */

/** What is easily taken for what. */
const folds: readonly (readonly [RegExp, string])[] = [
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/[0οо]/g, 'o'],
  [/[1lіıι]/g, 'i'],
  [/[аα]/g, 'a'],
  [/[еε]/g, 'e'],
  [/[5ѕ]/g, 's'],
  [/с/g, 'c'],
  [/[рρ]/g, 'p'],
  [/[хχ]/g, 'x'],
  [/-/g, ''],
];

const skeleton = (domain: string): string =>
  folds.reduce(
    (text, [pattern, plain]) => text.replace(pattern, plain),
    domain.toLowerCase().normalize('NFKC'),
  );

/** The domain of these addresses that it looks like, without being it or below it. */
export function looksLike(domain: string, addresses: readonly string[]): string | undefined {
  const given = domain.toLowerCase();
  for (const address of addresses) {
    const own = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
    if (own === '' || given === own || given.endsWith(`.${own}`)) continue;
    const [one, other] = [skeleton(given), skeleton(own)];
    if (one === other || (other.length >= 8 && distanceIsOne(one, other))) return own;
  }
  return undefined;
}

/** One letter is another, too many, or missing; or two stand the other way round. */
function distanceIsOne(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  let end = 0;
  while (end < one.length - start && end < other.length - start && one.at(-1 - end) === other.at(-1 - end))
    end++;
  const [a, b] = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
  return a.length <= 1 && b.length <= 1
    ? a !== b
    : a.length === 2 && b.length === 2 && a[0] === b[1] && a[1] === b[0];
}
