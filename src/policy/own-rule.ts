/** Rules that an organisation makes for itself: all conditions of a rule must fit. Pure; expressions are RE2's, in linear time whatever the text. */
import { compileExpression, type Expression } from '../base/expression.ts';
import { decodeWords } from '../proto/mime/encoded-word.ts';
import { fieldText } from '../proto/mime/headers.ts';
import { linksInHtml, linksInText } from '../proto/mime/links.ts';
import type { Action, CheckedMail, Seen } from './check.ts';

export interface OwnRule {
  /** Of letters, digits and `-`: it is told as `own.name`. */
  readonly name: string;
  readonly weight: number;
  /** At least this is done, whatever the sum. */
  readonly action?: Exclude<Action, 'accept' | 'defer'>;
  readonly conditions: readonly Condition[];
}

export interface Condition {
  /** `header` with the name in `field`; the envelope's `sender` and `recipient`; `address`: the IP address; `size` in octets. */
  readonly of: 'header' | 'sender' | 'recipient' | 'address' | 'helo' | 'url' | 'text' | 'fileName' | 'size';
  readonly field?: string;
  /** `is` and `contains` without regard to case. `above` and `below` for `size` alone. */
  readonly test: 'is' | 'contains' | 'begins' | 'ends' | 'matches' | 'above' | 'below';
  readonly value: string;
  /** It must not fit. */
  readonly not?: boolean;
}

/** Of each text that is looked through. */
const textMaxChars = 64 * 1024;
const compiledMax = 2000;

/** What was seen of a mail, as conditions look at it. */
export class RuleSubject {
  readonly #mail: CheckedMail;
  readonly #seen: Seen;
  readonly #sizeBytes: number;
  #urls: readonly string[] | undefined;

  constructor(mail: CheckedMail, seen: Seen, sizeBytes: number) {
    this.#mail = mail;
    this.#seen = seen;
    this.#sizeBytes = sizeBytes;
  }

  fits({ conditions }: OwnRule, org: string): boolean {
    return conditions.length > 0 && conditions.every((one) => this.#one(one, org) !== (one.not === true));
  }

  #one(condition: Condition, org: string): boolean {
    const { of, test, value } = condition;
    if (of === 'size') {
      const limit = Number(value);
      return test === 'above' ? this.#sizeBytes > limit : test === 'below' && this.#sizeBytes < limit;
    }
    const fits = testOf(test, value);
    return this.#texts(condition, org).some((text) => fits(text.slice(0, textMaxChars)));
  }

  #texts({ of, field = '' }: Condition, org: string): readonly string[] {
    const { header, block, sender, ip, helo, to, direction } = this.#mail;
    const { texts, parts } = this.#seen.content;
    switch (of) {
      case 'header':
        return block.fields
          .filter(({ name }) => name === field.toLowerCase())
          .map((one) => decodeWords(fieldText(header, one)));
      case 'sender':
        return [sender];
      case 'recipient':
        return to.filter((one) => direction === 'out' || one.org === org).map(({ address }) => address);
      case 'address':
        return [ip];
      case 'helo':
        return [helo];
      case 'url':
        return (this.#urls ??= texts.flatMap(({ is, text }) =>
          (is === 'html' ? linksInHtml(text) : linksInText(text)).map(({ url }) => url),
        ));
      case 'text':
        return texts.map(({ text }) => text);
      case 'fileName':
        return parts.flatMap(({ fileName }) => (fileName === '' ? [] : [fileName]));
      default:
        return [];
    }
  }
}

const compiled = new Map<string, Expression | undefined>();

function testOf(test: Condition['test'], value: string): (text: string) => boolean {
  const wanted = value.toLowerCase();
  switch (test) {
    case 'is':
      return (text) => text.toLowerCase() === wanted;
    case 'contains':
      return (text) => text.toLowerCase().includes(wanted);
    case 'begins':
      return (text) => text.toLowerCase().startsWith(wanted);
    case 'ends':
      return (text) => text.toLowerCase().endsWith(wanted);
    case 'matches': {
      const expression = expressionOf(value);
      return (text) => expression?.fits(text) === true;
    }
    default:
      return () => false;
  }
}

function expressionOf(source: string): Expression | undefined {
  if (compiled.has(source)) return compiled.get(source);
  if (compiled.size >= compiledMax) compiled.clear();
  const expression = compileExpression(source);
  const usable = 'fits' in expression ? expression : undefined;
  compiled.set(source, usable);
  return usable;
}
