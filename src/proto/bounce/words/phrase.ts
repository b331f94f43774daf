/**
 * Phrases of mail servers, written as they read, and a matcher that goes over a text once.
 *
 *   `user unknown`           these words, one behind the other
 *   `no such $mailbox`       a word of a class (`wordClasses`)
 *   `is|was full`            one of these
 *   `the? list`              may be absent
 *   `unbekannt*`             begins so
 *   `quota .. exceeded`      up to `gapMax` words between
 *
 * Time: words of the text × phrases that begin with that word × a bound (phrases have at most two gaps); nothing that is written can make it more.
 */
import type { FailureReason } from '../reasons.ts';
import { wordClasses } from './word-classes.ts';
import { tokensOf } from './tokens.ts';

/** How much a phrase says: `certain` is what the others beside it mean, `sure` is believed against the code, `fair` where the code does not say better, `weak` where nothing else speaks. */
export type Strength = 'certain' | 'sure' | 'fair' | 'weak';

/** All ways to say one thing, one a line. */
export interface Saying {
  readonly reason: FailureReason;
  readonly strength: Strength;
  readonly phrases: string;
}

export interface Said {
  readonly reason: FailureReason;
  readonly strength: Strength;
  /** The phrase, as it is written in the table. */
  readonly phrase: string;
  /** Its first word in the text. */
  readonly at: number;
}

/** Words that `..` may stand for. */
const gapMax = 7;

type Element =
  | { readonly is: 'gap' }
  | {
      readonly is: 'word';
      readonly words: ReadonlySet<string>;
      readonly starts: readonly string[];
      readonly optional: boolean;
    };

interface Phrase extends Omit<Said, 'at'> {
  readonly elements: readonly Element[];
}

export class Phrasebook {
  readonly #byWord = new Map<string, Phrase[]>();
  /** Phrases whose first word may go on, by its first `startLength` characters. */
  readonly #byStart = new Map<string, Phrase[]>();

  constructor(sayings: readonly Saying[]) {
    for (const { reason, strength, phrases } of sayings)
      for (const line of phrases.split('\n')) {
        const phrase = line.trim();
        if (phrase !== '') this.#add({ reason, strength, phrase, elements: elementsOf(phrase) });
      }
  }

  #add(phrase: Phrase): void {
    const [first] = phrase.elements;
    if (first?.is !== 'word' || first.optional)
      throw new Error(`a phrase begins with a word: ${phrase.phrase}`);
    for (const one of first.words) push(this.#byWord, one, phrase);
    for (const one of first.starts) push(this.#byStart, one.slice(0, startLength), phrase);
  }

  *#beginningWith(token: string): Generator<Phrase> {
    yield* this.#byWord.get(token) ?? [];
    yield* this.#byStart.get(token.slice(0, startLength)) ?? [];
  }

  /** Everything that is said; a phrase once. */
  read(text: string): Said[] {
    const tokens = tokensOf(text);
    const found = new Map<Phrase, number>();
    for (const [at, token] of tokens.entries())
      for (const phrase of this.#beginningWith(token))
        if (!found.has(phrase) && holds(phrase.elements, tokens, at)) found.set(phrase, at);
    return [...found].map(([{ reason, strength, phrase }, at]) => ({ reason, strength, phrase, at }));
  }
}

const startLength = 2;

function push(map: Map<string, Phrase[]>, key: string, phrase: Phrase): void {
  const list = map.get(key);
  if (list) list.push(phrase);
  else map.set(key, [phrase]);
}

function holds(elements: readonly Element[], tokens: readonly string[], at: number, from = 0): boolean {
  let place = at;
  for (let index = from; index < elements.length; index++) {
    const element = elements[index]!;
    if (element.is === 'gap') {
      for (let skipped = 0; skipped <= gapMax && place + skipped < tokens.length; skipped++)
        if (holds(elements, tokens, place + skipped, index + 1)) return true;
      return false;
    }
    const token = tokens[place];
    const fits =
      token !== undefined &&
      (element.words.has(token) || element.starts.some((start) => token.startsWith(start)));
    if (fits) place++;
    else if ((token === '@' || token === '#') && index > from) {
      // Whom it was for, and who sent it, may stand anywhere.
      place++;
      index--;
    } else if (!element.optional) return false;
  }
  return true;
}

function elementsOf(phrase: string): Element[] {
  const elements: Element[] = [];
  for (const part of phrase.split(/\s+/)) {
    if (part === '..') elements.push({ is: 'gap' });
    else elements.push(...wordsOf(part));
  }
  return elements;
}

function wordsOf(part: string): Element[] {
  const optional = part.endsWith('?');
  const bare = optional ? part.slice(0, -1) : part;
  const written = bare.split('|').flatMap((one) => (one.startsWith('$') ? classOf(one.slice(1)) : [one]));
  const starts = written.filter((one) => one.endsWith('*')).map((one) => one.slice(0, -1));
  const whole = written.filter((one) => !one.endsWith('*'));
  const only = whole[0] ?? '';
  // Scripts without spaces: a word of the table is several of the text.
  if (starts.length === 0 && whole.length === 1 && /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(only))
    return tokensOf(only).map((one) => ({ is: 'word', words: new Set([one]), starts: [], optional }));
  if (starts.some((one) => one.length < startLength)) throw new Error(`too short: ${part}`);
  return [{ is: 'word', words: new Set(whole), starts, optional }];
}

function classOf(name: string): readonly string[] {
  const words = wordClasses[name];
  if (words === undefined) throw new Error(`no class of words: ${name}`);
  return words;
}
