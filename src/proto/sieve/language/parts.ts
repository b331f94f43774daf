/**
 * Loops over the parts of a message (RFC 5703, 3) and `extracttext` (7).
 *
 * The outermost loop goes over all parts, the message itself first; an inner one over those within the part at hand. A loop asks for the structure
 * before each round: when a part was replaced meanwhile, it goes on behind it and not into what is no longer there.
 */
import { decodeCharset, isKnownCharset } from '../../mime/charset.ts';
import { parameter } from '../../mime/parameter.ts';
import type { Part } from '../../mime/structure.ts';
import { partContent } from '../../mime/text.ts';
import { type Letter, partsWithin } from '../letter.ts';
import { charactersOf } from '../text.ts';
import type { Call } from './call.ts';
import { type Command, type CommandDefinition, type Flow, step } from './definition.ts';
import { compileModifiers, modifierTags } from './modifiers.ts';
import type { Loop, Run } from './run.ts';
import type { Scope } from './scope.ts';
import { compileAssignment } from './variable-commands.ts';

/** A part by its place: which part of the message, which of that one, … */
type Path = readonly number[];

export const foreverypart: CommandDefinition = {
  name: 'foreverypart',
  needs: 'foreverypart',
  tags: [{ name: 'name', value: 'string' }],
  block: true,
  compile(call, scope) {
    const name = call.tagString('name')?.value;
    if (scope.loops.length >= scope.limits.loopDepthMax)
      scope.error(call.at, 'loopDepth', `${scope.limits.loopDepthMax}`);
    scope.loops.push(name);
    const body = scope.compiler.block(call.block, scope);
    scope.loops.pop();
    return (run) => overParts(run, name, body);
  },
};

function overParts(run: Run, name: string | undefined, body: Command): Flow {
  const outer = run.loops.at(-1);
  const base: Path = outer?.path ?? [];
  let path: Path | undefined = outer ? firstWithin(run.letter, base) : [];
  while (path !== undefined) {
    const part = partAtPath(run.letter, path);
    if (part === undefined) break;
    const here = path;
    const loop: Loop = { name, path, part, find: (letter) => partAtPath(letter, here) };
    run.loops.push(loop);
    run.enter(run.at);
    const flow = body(run);
    run.loops.pop();
    if (flow === 'break' && run.leaving === loop) break;
    if (flow !== 'next') return flow;
    path = loop.left === 'message' ? undefined : nextPath(run.letter, loop, base);
  }
  return 'next';
}

function firstWithin(letter: Letter, path: Path): Path | undefined {
  const part = partAtPath(letter, path);
  return part && partsWithin(part).length > 0 ? [...path, 0] : undefined;
}

/** Depth first: into the part, then to its next neighbour, then to that of the part around it, as long as that is below `base`. */
function nextPath(letter: Letter, { path, left }: Loop, base: Path): Path | undefined {
  const within = left === 'part' ? undefined : firstWithin(letter, path);
  if (within) return within;
  for (let at = path; at.length > base.length; at = at.slice(0, -1)) {
    const neighbour = [...at.slice(0, -1), at.at(-1)! + 1];
    if (partAtPath(letter, neighbour)) return neighbour;
  }
  return undefined;
}

export function partAtPath(letter: Letter, path: Path): Part | undefined {
  let part: Part | undefined = letter.structure().root;
  for (const index of path) part = part && partsWithin(part)[index];
  return part;
}

export const breakCommand: CommandDefinition = {
  name: 'break',
  needs: 'foreverypart',
  tags: [{ name: 'name', value: 'string' }],
  compile(call, scope) {
    const name = call.tagString('name')?.value;
    const there = name === undefined ? scope.loops.length > 0 : scope.loops.includes(name);
    if (!there) scope.error(call.at, name === undefined ? 'breakOutside' : 'loopUnknown', name ?? '');
    return (run) => {
      run.leaving = run.loops.findLast((loop) => name === undefined || loop.name === name);
      return 'break';
    };
  },
};

export const extracttext: CommandDefinition = {
  name: 'extracttext',
  needs: 'extracttext',
  tags: [...modifierTags, { name: 'first', value: 'number' }],
  args: ['string'],
  compile(call, scope) {
    if (scope.loops.length === 0) scope.error(call.at, 'onlyInLoop', 'extracttext');
    if (!scope.has('variables')) scope.error(call.at, 'needs', 'extracttext', 'variables');
    return compileExtraction(call, scope);
  },
};

function compileExtraction(call: Call, scope: Scope): Command {
  const assign = compileAssignment(call.string(0), scope);
  const modify = compileModifiers(call, scope.limits.variableMaxBytes);
  const first = call.tagNumber('first');
  return step((run) => {
    const part = run.loops.at(-1)?.part;
    const text = part === undefined ? '' : textOfPart(run, part, first);
    assign(run, modify(text));
  });
}

/** Decoded; nothing when the charset is unknown or the part has no text (RFC 5703, 7). */
function textOfPart(run: Run, part: Part, first: number | undefined): string {
  if (part.parts !== undefined || part.message !== undefined) return '';
  const charset = parameter(part.params, 'charset');
  if (charset !== undefined && !isKnownCharset(charset)) return '';
  // More than :first asks for: a cut within a character would be taken for another charset.
  const content = partContent(run.letter.bytes(), part, run.limits.variableMaxBytes);
  run.spend(content.length);
  const { text } = decodeCharset(content, charset);
  return first === undefined ? text : charactersOf(text).slice(0, first).join('');
}
