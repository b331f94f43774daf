/**
 * Which header fields a test looks at: those of the message, or with `mime` (RFC 5703, 4) those of a part and of the parts within it; with `index`
 * (RFC 5260, 6) one of them, counted from either end.
 */
import { fieldValue, type LetterField, partsWithin } from '../letter.ts';
import type { Part } from '../../mime/structure.ts';
import type { Call } from './call.ts';
import type { TagDefinition } from './definition.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

export const mimeTags: readonly TagDefinition[] = [
  { name: 'mime', needs: 'mime' },
  { name: 'anychild', needs: 'mime' },
];

export const indexTags: readonly TagDefinition[] = [
  { name: 'index', value: 'number', needs: 'index' },
  { name: 'last', needs: 'index' },
];

/** Fields of these names (in lower case), name by name. */
export type FieldChoice = (run: Run, names: readonly string[]) => readonly LetterField[];

export function compileFieldChoice(call: Call, scope: Scope): FieldChoice {
  const pick = compileIndex(call, scope);
  const any = call.has('anychild');
  if (any && !call.has('mime')) scope.error(call.tagAt('anychild'), 'tagOnlyWith', 'anychild', 'mime');
  if (!call.has('mime')) return (run, names) => pick(named(run.letter.fields, names, run));
  return (run, names) => {
    const part = run.loops.at(-1)?.part;
    // Outside a loop and without :anychild it is the header of the message: no structure is needed.
    if (part === undefined && !any) return pick(named(run.letter.fields, names, run));
    const parts = within(part ?? run.letter.structure().root, any);
    return parts.flatMap((each) => pick(named(run.letter.fieldsOfPart(each), names, run)));
  };
}

/** One of several, by `:index` and `:last`; all without. */
export function compileIndex(call: Call, scope: Scope): <T>(items: readonly T[]) => readonly T[] {
  const index = call.tagNumber('index');
  const last = call.has('last');
  if (last && index === undefined) scope.error(call.tagAt('last'), 'tagOnlyWith', 'last', 'index');
  if (index === 0) scope.error(call.tagAt('index'), 'indexZero');
  if (index === undefined) return (items) => items;
  return (items) => {
    const item = items.at(last ? -index : index - 1);
    return item === undefined || index > items.length ? [] : [item];
  };
}

export const valuesOf = (fields: readonly LetterField[], run: Run): string[] =>
  fields.map((field) => {
    run.spend(field.raw.length);
    return fieldValue(field);
  });

function named(fields: readonly LetterField[], names: readonly string[], run: Run): readonly LetterField[] {
  run.spend(fields.length * names.length);
  return names.flatMap((name) => fields.filter((field) => field.name === name));
}

function within(part: Part, deep: boolean): readonly Part[] {
  if (!deep) return [part];
  const all: Part[] = [];
  const open = [part];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    all.push(each);
    open.push(...[...partsWithin(each)].reverse());
  }
  return all;
}
