/**
 * Domains that are made to be taken for another: by letters that look the same (UTS 39, 4: skeletons), by one letter more, fewer or changed, by
 * a word put to the name. Pure.
 */
import { isAscii } from 'node:buffer';
import { registrableDomain } from '../proto/dns/registrable.ts';
import { domainToAscii, domainToUnicode } from '../proto/smtp/domain.ts';

/** `likeness`: looks the same. `typo`: one letter apart. `cousin`: the name with a word beside it. */
export type Likeness = 'likeness' | 'typo' | 'cousin';

/** Letters of other scripts, and digits, that look like those of ASCII. What NFKC and the removal of accents do not bring there. */
const lookingLike: Readonly<Record<string, string>> = {
  a: 'аɑα',
  b: 'вьβß',
  c: 'сϲ',
  d: 'ԁɗđ',
  e: 'еҽєε3',
  f: 'ƒ',
  g: 'ɡց',
  h: 'һհн',
  j: 'ј',
  k: 'кκ',
  l: 'іιıӏⅼłi1|',
  m: 'м',
  n: 'ոпη',
  o: 'оοσօөø0',
  p: 'рρþ',
  q: 'ԛ',
  r: 'г',
  s: 'ѕ5',
  t: 'тτ',
  u: 'υս',
  v: 'νѵ',
  w: 'ԝωѡ',
  x: 'хχ',
  y: 'уγүʏ',
  z: 'ᴢ',
  '-': 'ー一',
};

const confusables = new Map(
  Object.entries(lookingLike).flatMap(([letter, others]) => Array.from(others, (other) => [other, letter])),
);

const typoLettersMin = 6;
const cousinLettersMin = 5;

/** How a domain is like one of those that are to be protected, none of which it is. */
export function likenessTo(
  name: string,
  protectedDomains: readonly string[],
): { readonly is: Likeness; readonly domain: string } | undefined {
  const own = partsOf(name);
  if (own === undefined) return undefined;
  const others = protectedDomains.flatMap((domain) => partsOf(domain) ?? []);
  if (others.some(({ domain }) => domain === own.domain)) return undefined;
  for (const is of ['likeness', 'typo', 'cousin'] as const) {
    const found = others.find((other) => tests[is](own, other));
    if (found) return { is, domain: found.domain };
  }
  return undefined;
}

interface Parts {
  /** What somebody registered, in A-labels. */
  readonly domain: string;
  /** Its first label, in Unicode. */
  readonly label: string;
  /** What that looks like. */
  readonly looks: string;
}

const tests: Readonly<Record<Likeness, (own: Parts, other: Parts) => boolean>> = {
  // The same letters under another top level belong to somebody else in good faith more often than not.
  likeness: (own, other) => own.label !== other.label && own.looks === other.looks,
  typo: (own, other) =>
    other.label.length >= typoLettersMin && own.label !== other.label && isOneApart(own.label, other.label),
  cousin: (own, other) =>
    other.label.length >= cousinLettersMin &&
    own.label !== other.label &&
    own.label.split('-').includes(other.label),
};

const knownMax = 5000;
const known = new Map<string, Parts | undefined>();

/** The same few domains are asked about with every mail. */
function partsOf(name: string): Parts | undefined {
  if (known.has(name)) return known.get(name);
  if (known.size >= knownMax) known.clear();
  const parts = partsIn(name);
  known.set(name, parts);
  return parts;
}

function partsIn(name: string): Parts | undefined {
  const ascii = domainToAscii(name.toLowerCase());
  const domain = ascii && registrableDomain(ascii);
  if (domain === undefined || domain === '') return undefined;
  const label = domainToUnicode(domain).split('.', 1)[0]!;
  return { domain, label, looks: skeleton(label) };
}

/** What it looks like: the same for two texts that cannot be told apart at a glance. */
export function skeleton(text: string): string {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '');
  const letters = Array.from(plain, (letter) => confusables.get(letter) ?? letter).join('');
  return letters
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replace(/[-_.]+/g, '');
}

/** One letter added, left out, changed, or two exchanged. */
function isOneApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const restA = a.slice(start, a.length - end);
  const restB = b.slice(start, b.length - end);
  if (restA.length <= 1 && restB.length <= 1) return true;
  return restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0];
}

const scripts = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Hebrew', 'Arabic', 'Thai', 'Cherokee'].map(
  (name) => new RegExp(`\\p{Script=${name}}`, 'u'),
);

/** Neither letters of other scripts, nor A-labels that stand for them. */
const isPlain = (name: string): boolean => isAscii(Buffer.from(name)) && !/(?:^|\.)xn--/i.test(name);

/** A label of letters that nobody writes together, such as Latin with Cyrillic (UTS 39, 5.2). Latin with Japanese, Chinese or Korean is fine. */
export function mixesScripts(name: string): boolean {
  if (isPlain(name)) return false;
  return domainToUnicode(name)
    .split('.')
    .some((label) => scripts.filter((script) => script.test(label)).length > 1);
}
