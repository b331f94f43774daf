/** Tests of header fields: `header`, `exists` (RFC 5228, 5.5 and 5.7), with `:mime` (RFC 5703, 4.1) and `:index` (RFC 5260, 6). */
import { compileMatch, isCount, matchTags } from '../match/match-type.ts';
import { parameter, parseParameterized } from '../../mime/parameter.ts';
import type { LetterField } from '../letter.ts';
import type { Call } from './call.ts';
import { type TagDefinition, test, type TestDefinition } from './definition.ts';
import { compileFieldChoice, indexTags, mimeTags, valuesOf } from './field-choice.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import type { Text } from './text.ts';

const mimeOptions: readonly TagDefinition[] = [
  { name: 'type', group: 'mimeopts', needs: 'mime' },
  { name: 'subtype', group: 'mimeopts', needs: 'mime' },
  { name: 'contenttype', group: 'mimeopts', needs: 'mime' },
  { name: 'param', group: 'mimeopts', value: 'strings', needs: 'mime' },
];

export const header: TestDefinition = {
  name: 'header',
  tags: [...matchTags, ...mimeTags, ...indexTags, ...mimeOptions],
  args: ['strings', 'strings'],
  compile(call, scope) {
    const names = call.texts(0);
    const match = compileMatch(call, scope, call.texts(1));
    const choose = compileFieldChoice(call, scope);
    const read = compileReading(call, scope);
    const count = isCount(call);
    return test((run) => {
      const fields = choose(
        run,
        names.map((name) => nameOf(name, run)),
      );
      if (count && read === valuesOf) return match(run, { values: [], count: fields.length });
      return match(run, { values: read(fields, run) });
    });
  },
};

export const exists: TestDefinition = {
  name: 'exists',
  tags: mimeTags,
  args: ['strings'],
  compile(call, scope) {
    const names = call.texts(0);
    const choose = compileFieldChoice(call, scope);
    return test((run) => names.every((name) => choose(run, [nameOf(name, run)]).length > 0));
  },
};

export const nameOf = (name: Text, run: Run): string => name.read(run).toLowerCase();

type Reading = (fields: readonly LetterField[], run: Run) => readonly string[];

function compileReading(call: Call, scope: Scope): Reading {
  const option = call.chosen('mimeopts');
  if (option === undefined) return valuesOf;
  if (!call.has('mime')) scope.error(call.tagAt(option), 'tagOnlyWith', option, 'mime');
  if (option === 'param') {
    const names = call.tagTexts('param') ?? [];
    return (fields, run) => {
      const wanted = names.map((name) => nameOf(name, run));
      return fields.flatMap((field) => parameters(field, wanted, run));
    };
  }
  // What has no type counts as blank; for a count only what could be read does (RFC 5703, 4.1).
  const count = isCount(call);
  return (fields, run) => {
    const values = fields.map((field) => mediaValue(field, option, run));
    return count ? values.filter((value) => value !== '') : values;
  };
}

function parameters(field: LetterField, names: readonly string[], run: Run): string[] {
  run.spend(field.raw.length);
  const { params } = parseParameterized(field.raw);
  return names.map((name) => parameter(params, name)).filter((value) => value !== undefined);
}

function mediaValue(field: LetterField, option: string, run: Run): string {
  run.spend(field.raw.length);
  if (field.name === 'content-disposition')
    return option === 'subtype' ? '' : parseParameterized(field.raw).value;
  if (field.name !== 'content-type') return '';
  const { value } = parseParameterized(field.raw);
  const slash = value.indexOf('/');
  if (option === 'contenttype') return value;
  if (slash === -1) return option === 'type' ? value : '';
  return option === 'type' ? value.slice(0, slash) : value.slice(slash + 1);
}
