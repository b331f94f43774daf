/**
 * The test `body` (RFC 5173): the raw body, the decoded content of parts by their types, or the text of the message.
 *
 * Wildcards leave no match variables here (RFC 5173, 6).
 */
import { compileMatch, isCount, matchTags } from '../match/match-type.ts';
import { decodeCharset } from '../../mime/charset.ts';
import { htmlToText } from '../../mime/html-text.ts';
import { parameter } from '../../mime/parameter.ts';
import type { Part } from '../../mime/structure.ts';
import { partContent } from '../../mime/text.ts';
import { type Letter, partsWithin } from '../letter.ts';
import { textOf } from '../text.ts';
import type { Call } from './call.ts';
import { test, type TestDefinition } from './definition.ts';
import type { Run } from './run.ts';

export const body: TestDefinition = {
  name: 'body',
  needs: 'body',
  tags: [
    ...matchTags,
    { name: 'raw', group: 'transform' },
    { name: 'content', group: 'transform', value: 'strings' },
    { name: 'text', group: 'transform' },
  ],
  args: ['strings'],
  compile(call, scope) {
    const match = compileMatch(call, scope, call.texts(0), { remembers: false });
    const read = compileTransform(call);
    const count = isCount(call);
    return test((run) => {
      // A header that no empty line follows: there is no body, not even an empty one (RFC 5173, 3).
      if (run.letter.bodyless) return count && match(run, { values: [] });
      // One part after the other: a match in the first spares decoding the others.
      if (count) return match(run, { values: [...read(run)] });
      for (const value of read(run)) if (match(run, { values: [value] })) return true;
      return false;
    });
  },
};

type Transform = (run: Run) => Iterable<string>;

function compileTransform(call: Call): Transform {
  switch (call.chosen('transform')) {
    case 'raw':
      return (run) => [raw(run)];
    case 'content': {
      const types = call.tagTexts('content') ?? [];
      return (run) =>
        contents(
          run,
          types.map((type) => type.read(run).toLowerCase()),
        );
    }
    default:
      return texts;
  }
}

function raw(run: Run): string {
  const bytes = run.letter.body();
  run.spend(bytes.length);
  return textOf(bytes);
}

/** RFC 5173, 5.2: `type`, `type/subtype`, or `''` for all. */
function isOfType(part: Part, wanted: string): boolean {
  return wanted === '' || wanted === part.type || wanted === `${part.type}/${part.subtype}`;
}

function* contents(run: Run, types: readonly string[]): Generator<string> {
  const { letter } = run;
  for (const part of partsOf(letter.structure().root)) {
    if (types.some((type) => isOfType(part, type))) yield* contentOf(part, letter, run);
  }
}

function* contentOf(part: Part, letter: Letter, run: Run): Generator<string> {
  const bytes = letter.bytes();
  if (part.parts !== undefined) yield* aroundParts(part, bytes, run);
  else if (part.message !== undefined) {
    // Of a message within, its header; its parts come by themselves.
    const { headerStart, bodyStart } = part.message.root;
    const blank = bytes.toString('latin1', Math.max(headerStart, bodyStart - 4), bodyStart);
    const end = bodyStart - (/\r?\n(\r?\n)$/.exec(blank)?.[1]?.length ?? 0);
    yield slice(bytes, { start: headerStart, end, run });
  } else yield decoded(part, bytes, run);
}

/** What stands before the first and behind the last part of a multipart: two pieces. */
function* aroundParts(part: Part, bytes: Buffer, run: Run): Generator<string> {
  const [first] = part.parts!;
  const last = part.parts!.at(-1)!;
  const delimiter = bytes.lastIndexOf('\n', Math.max(0, first!.headerStart - 2), 'latin1') + 1;
  yield slice(bytes, { start: part.bodyStart, end: delimiter, run });
  const close = bytes.indexOf('\n', last.bodyEnd + 2, 'latin1');
  if (close !== -1) yield slice(bytes, { start: close + 1, end: part.bodyEnd, run });
}

function slice(bytes: Buffer, { start, end, run }: { start: number; end: number; run: Run }): string {
  const piece = bytes.subarray(start, Math.max(start, end));
  run.spend(piece.length);
  return textOf(piece);
}

/** Text in Unicode, anything else as the octets it is. */
function decoded(part: Part, bytes: Buffer, run: Run): string {
  run.spend(part.bodyEnd - part.bodyStart);
  const content = partContent(bytes, part);
  if (part.type !== 'text') return textOf(content);
  return decodeCharset(content, parameter(part.params, 'charset')).text;
}

/** The text that a person would read: of HTML without its marks. */
function* texts(run: Run): Generator<string> {
  const { letter } = run;
  for (const part of partsOf(letter.structure().root)) {
    if (part.type !== 'text' || part.parts !== undefined) continue;
    const text = decoded(part, letter.bytes(), run);
    yield part.subtype === 'html' ? htmlToText(text) : text;
  }
}

function* partsOf(root: Part): Generator<Part> {
  const open = [root];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    yield part;
    open.push(...[...partsWithin(part)].reverse());
  }
}
