/**
 * The words by which a trace is found: those of its texts, and one for each fact that is asked for exactly (`xs…` for the status and so on),
 * so that any question is one intersection of lists that are in the order of the answer.
 *
 * Scripts without blanks are cut into pairs of characters; the last character of a run stands alone too, so that one character is found by what begins with it.
 * Words consist of letters and digits only: the tokenizer of SQLite leaves them as they are, and PostgreSQL takes them as lexemes.
 */
import { foldText } from '../search/fold.ts';

/** Characters of a text that are looked at. */
const textMaxChars = 2000;
/** Longer words are cut, in questions too. */
const wordMaxChars = 60;
/** Of one trace. */
const wordsMax = 400;

const runs = /[\p{L}\p{M}\p{N}]+/gu;
const ascii = /^[\x00-\x7f]*$/;
/** The same where there are no other characters than those of ASCII, and quicker. */
const asciiWords = /[a-z0-9]+/g;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]+/gu;

/** What is asked for exactly. */
export const facts = {
  org: 'xo',
  status: 'xs',
  recipient: 'xr',
  recipientDomain: 'xd',
  sender: 'xf',
  senderDomain: 'xe',
  tag: 'xt',
  stream: 'xn',
  headerId: 'xi',
} as const;
export type Fact = keyof typeof facts;

/** The word of a fact: other characters than letters and digits of ASCII by their numbers. */
export function factWord(fact: Fact, value: string): string {
  const plain = value
    .toLowerCase()
    .replace(/[^a-z0-9]/gu, (char) => `z${char.codePointAt(0)!.toString(36)}z`);
  return (facts[fact] + plain).slice(0, 250);
}

export const domainOf = (address: string): string =>
  address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** A text as it is compared. */
export const comparable = (text: string): string => foldText(text).trim();

/** The words of texts, each once. */
export function wordsOf(texts: readonly string[]): Set<string> {
  const words = new Set<string>();
  for (const text of texts) {
    const plain = comparable(text.slice(0, textMaxChars));
    if (ascii.test(plain))
      for (const word of plain.match(asciiWords) ?? []) words.add(word.slice(0, wordMaxChars));
    else for (const [run] of plain.matchAll(runs)) addRun(words, run);
    if (words.size >= wordsMax) break;
  }
  return words;
}

function addRun(words: Set<string>, run: string): void {
  const spaced = run.replace(unspaced, (piece) => {
    const chars = Array.from(piece);
    for (let i = 0; i + 1 < chars.length; i++) words.add(chars[i]! + chars[i + 1]!);
    words.add(chars.at(-1)!);
    return ' ';
  });
  for (const word of spaced.split(' ')) if (word !== '') words.add(word.slice(0, wordMaxChars));
}

/** A word that is asked for. */
export interface AskedWord {
  readonly word: string;
  /** What begins with it will do. */
  readonly open: boolean;
}

/** The words that a trace must have to be found by this text. `*` behind a word: what begins with it. */
export function askedWords(text: string): AskedWord[] {
  const asked: AskedWord[] = [];
  for (const piece of comparable(text.slice(0, textMaxChars)).split(/\s+/u)) {
    const open = piece.endsWith('*');
    const found = [...piece.matchAll(runs)].map(([run]) => run);
    found.forEach((run, i) => asked.push(...wordsAsked(run, open && i === found.length - 1)));
  }
  return asked;
}

function wordsAsked(run: string, open: boolean): AskedWord[] {
  const asked: AskedWord[] = [];
  const spaced = run.replace(unspaced, (piece) => {
    const chars = Array.from(piece);
    if (chars.length === 1) asked.push({ word: piece, open: true });
    for (let i = 0; i + 1 < chars.length; i++) asked.push({ word: chars[i]! + chars[i + 1]!, open: false });
    return ' ';
  });
  const words = spaced.split(' ').filter((word) => word !== '');
  words.forEach((word, i) =>
    asked.push({
      word: word.slice(0, wordMaxChars),
      open: (open && i === words.length - 1) || word.length > wordMaxChars,
    }),
  );
  return asked;
}
