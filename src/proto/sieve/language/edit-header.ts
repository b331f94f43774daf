/**
 * `addheader` and `deleteheader` (RFC 5293): changes of the header, for all that comes after.
 *
 * Trace fields, and what tells programs from people, stay whatever a script says (RFC 5293, 6): without them a mail could go round for ever.
 */
import { compileMatch, matchTags } from '../match/match-type.ts';
import { formatField } from '../../mime/compose.ts';
import { fieldValue, type LetterField } from '../letter.ts';
import { shown } from '../text.ts';
import { isFieldName } from './address.ts';
import { type CommandDefinition, step } from './definition.ts';
import { compileIndex } from './field-choice.ts';
import { nameOf } from './header.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import type { Text } from './text.ts';

const needs = 'editheader';
const valueMaxChars = 10_000;
/** May not be taken away. */
const kept = new Set([
  'received',
  'auto-submitted',
  'return-path',
  'delivered-to',
  'original-subject',
  'original-from',
]);
/** May not be added: delivery writes them, and reads what it wrote. One more `Received` only ends a loop sooner. */
const ours = new Set(['return-path', 'delivered-to', 'original-subject', 'original-from']);

export const addheader: CommandDefinition = {
  name: 'addheader',
  needs,
  tags: [{ name: 'last' }],
  args: ['string', 'string'],
  compile(call, scope) {
    const name = checkedName(call.text(0), scope);
    const value = call.text(1);
    const last = call.has('last');
    if (value.constant?.includes('\0')) scope.error(value.at, 'fieldValue');
    return step((run) => {
      const field = makeField(run, name.read(run), value.read(run));
      if (ours.has(field.name)) return;
      if (++run.addedFields > run.limits.addedFieldsMax)
        throw run.error('tooManyFields', `${run.limits.addedFieldsMax}`);
      const { fields } = run.letter;
      run.letter = run.letter.withFields(last ? [...fields, field] : [field, ...fields]);
    });
  },
};

/** A field in wire form. Line ends in the value become blanks; a NUL is an error (RFC 5293, 4). */
export function makeField(run: Run, name: string, value: string): LetterField {
  if (!isFieldName(name)) throw run.error('fieldName', name);
  if (value.includes('\0')) throw run.error('fieldValue');
  const text = shown(value)
    .replaceAll(/\s*\r?\n\s*/g, ' ')
    .replaceAll(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
    .trim()
    .slice(0, valueMaxChars);
  run.spend(text.length);
  const bytes = Buffer.from(formatField({ name, text }), 'latin1');
  return { name: name.toLowerCase(), spelling: name, bytes, raw: text };
}

export const deleteheader: CommandDefinition = {
  name: 'deleteheader',
  needs,
  tags: [...matchTags, { name: 'index', value: 'number' }, { name: 'last' }],
  args: ['string', 'strings'],
  lastOptional: true,
  compile(call, scope) {
    const name = checkedName(call.text(0), scope);
    const pick = compileIndex(call, scope);
    const patterns = call.texts(1);
    const match = compileMatch(call, scope, patterns);
    return step((run) => {
      const wanted = nameOf(name, run);
      const named = run.letter.fields.filter((field) => field.name === wanted);
      const gone = pick(named).filter(
        (field) => mayGo(field) && (patterns.length === 0 || match(run, { values: [fieldValue(field)] })),
      );
      if (gone.length === 0) return;
      run.letter = run.letter.withFields(run.letter.fields.filter((field) => !gone.includes(field)));
    });
  },
};

const mayGo = (field: LetterField): boolean => field.kept !== true && !kept.has(field.name);

function checkedName(name: Text, scope: Scope): Text {
  if (name.constant !== undefined && !isFieldName(name.constant))
    scope.error(name.at, 'fieldName', name.constant);
  return name;
}
