/**
 * Reports for people, by systems without RFC 3464: a text with addresses, and behind (or before) each what was said of it.
 *
 * They all have one shape: qmail and Yahoo `<bob@there.test>:` and the reason below, Exim the address alone on an indented line, Sendmail a list of addresses and a
 * transcript, others a label (`Recipient:`, `Could not be delivered to:`, `宛先:`) or a sentence. One reader knows the shapes; who wrote it does not matter.
 */
import { addressSource, tidy } from './typed-address.ts';

export interface FreeRecipient {
  readonly address: string;
  /** What was said of this one. */
  readonly said: string;
}

const linesMax = 2000;
const recipientsMax = 200;

/** `address` at the beginning of a line, in brackets or not, and what follows. */
const leading = new RegExp(
  String.raw`^[\s>*•・|-]*(?:\d+[.)]\s*)?"?<?(${addressSource})>?"?(?:\s*\((?:expanded from|ultimately generated from|generated from)[^)]*\))?\s*(?:[:：;,.]|\s|\[|\(|\.\.\.|$)(.*)$`,
  'u',
);
const label =
  /^[\s>*|-]*(?:(?:original |final |failed |the |invalid |unknown |undeliverable |intended )*(?:recipients?|to|e?-?mail address(?:es)?|address(?:es)?|user|mailbox|destination|delivered to|rcpt to|x-envelope-to|userid|recipient address)(?:\(s\)|s)?|.{0,60}\b(?:(?:could not be |can(?:not|'t) be |not )?deliver(?:ed)?|send|sent|message|mail|delivery userid|attempts)(?: to)?|宛先|受信者|送信先|宛て先|あて先|メールアドレス|.{0,20}(?:アドレス|宛先))\s*[:：]\s*(.*)$/iu;
/** A line of a transcript that ends what was said of one recipient: `550 5.1.1 <bob@there.test>... User unknown`. */
const verdictLine = new RegExp(
  String.raw`^[\s>]*[45]\d\d(?:[ -][245]\.\d{1,3}\.\d{1,3})? <?(${addressSource})>?\.\.\.(.*)$`,
  'u',
);
const sentence = new RegExp(
  String.raw`\b(?:deliver(?:ing|ed|y)?|sen[dt](?:ing)?|message|mail|reach(?:ed)?|recipient|address|user|account|to|for)\b[^@<>]{0,80}?<?(${addressSource})>?(.*)$`,
  'iu',
);
const japanese = new RegExp(String.raw`(${addressSource})>?\s*(?:さん|様|宛|へ|あて|は|に|の)(.*)$`, 'iu');

export function freeRecipients(text: string, own: ReadonlySet<string>): FreeRecipient[] {
  const lines = text.split('\n').slice(0, linesMax);
  const blocks = leadingBlocks(lines, own);
  if (blocks.length > 0) return merged(blocks);
  return merged(saidSomewhere(lines, own));
}

interface Block {
  readonly address: string;
  readonly lines: string[];
}

/** Lines that begin with an address, or name one behind a label; what follows belongs to them. */
function leadingBlocks(lines: readonly string[], own: ReadonlySet<string>): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  let before: string[] = [];
  for (const line of lines) {
    const final = verdictLine.exec(line);
    if (final && !own.has(final[1]!.toLowerCase())) {
      blocks.push({ address: tidy(final[1]!), lines: [...before, line] });
      before = [];
      continue;
    }
    before = /^\s*$/.test(line) ? before : [...before, line].slice(-20);
    if (/^[\s>]*(?:>>>|<<<)/.test(line) && !/^[\s>]*>>> \S+@/.test(line)) {
      open?.lines.push(line);
      continue;
    }
    const found = addressOfLine(line);
    const usable =
      found !== undefined && !own.has(found.address.toLowerCase()) && blocks.length < recipientsMax;
    if (usable) {
      open = { address: found.address, lines: [found.rest] };
      blocks.push(open);
    } else open?.lines.push(line);
  }
  return blocks;
}

function addressOfLine(line: string): { address: string; rest: string } | undefined {
  if (
    /^\s*(?:from|sender|reply-to|return-path|mail from|x-envelope-from|message-id|subject|cc|date)\s*:/i.test(
      line,
    )
  )
    return undefined;
  const direct = leading.exec(line);
  if (direct) return { address: tidy(direct[1]!), rest: direct[2]! };
  const value = label.exec(line)?.[1];
  const behind = value === undefined ? null : leading.exec(value);
  return behind === null ? undefined : { address: tidy(behind[1]!), rest: behind[2]! };
}

/** An address somewhere in a sentence of delivery: the whole text is about it. */
function saidSomewhere(lines: readonly string[], own: ReadonlySet<string>): Block[] {
  const text = lines.join('\n').replace(/\n(?=\S)/g, ' ');
  for (const line of [...text.split('\n'), ...lines]) {
    for (const pattern of [sentence, japanese]) {
      const found = pattern.exec(line);
      if (found === null) continue;
      const address = tidy(found[1]!);
      if (!own.has(address.toLowerCase())) return [{ address, lines: [...lines] }];
    }
  }
  return [];
}

/** One entry for each address: reports name it in a list and again in a transcript. */
function merged(blocks: readonly Block[]): FreeRecipient[] {
  const found = new Map<string, { address: string; said: string[] }>();
  for (const { address, lines } of blocks) {
    const key = address.toLowerCase();
    const entry = found.get(key) ?? { address, said: [] };
    entry.said.push(lines.join('\n'));
    found.set(key, entry);
  }
  return [...found.values()].map(({ address, said }) => ({ address, said: said.join('\n').trim() }));
}
