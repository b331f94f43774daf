/** IMAP flags (RFC 5232): the commands that gather them, the test, and `:flags` of actions that store. */
import { compileMatch, matchTags } from '../match/match-type.ts';
import type { FlagList } from '../action.ts';
import type { Call } from './call.ts';
import { type CommandDefinition, step, type TagDefinition, test, type TestDefinition } from './definition.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import type { Text } from './text.ts';

const needs = 'imap4flags';
const flagsMax = 100;

const systemFlags = new Map(
  ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'].map((name) => [name.toLowerCase(), name]),
);
/** An atom (RFC 9051, 9): no blanks, controls, list wildcards, quotes, parentheses or brackets. */
const keyword = /^[^\x00-\x20(){%*"\\\]\x7f-\uffff]{1,100}$/;

/** Flags from strings that may hold several each. What is no flag is left out (RFC 5232, 2), and so are doubles. */
export function flagsIn(texts: readonly string[]): FlagList {
  const flags = new Map<string, string>();
  for (const name of texts.flatMap((text) => text.split(/[ \t\r\n]+/))) {
    const lower = name.toLowerCase();
    const flag = systemFlags.get(lower) ?? (keyword.test(name) ? name : undefined);
    if (flag !== undefined && !flags.has(lower) && flags.size < flagsMax) flags.set(lower, flag);
  }
  return [...flags.values()];
}

export const flagsTag: TagDefinition = { name: 'flags', value: 'strings', needs };

/** What an action that stores the message gives it: its `:flags`, or what the script has gathered. */
export function compileFlags(call: Call): (run: Run) => FlagList {
  const texts = call.tagTexts('flags');
  if (texts === undefined) return (run) => run.flags;
  return (run) => flagsIn(texts.map((text) => text.read(run)));
}

interface FlagVariable {
  read(run: Run): FlagList;
  write(run: Run, flags: FlagList): void;
}

const internal: FlagVariable = {
  read: (run) => run.flags,
  write: (run, flags) => {
    run.flags = flags;
  },
};

/** The optional first argument: a variable that holds flags instead of the internal one. */
function variableOf(call: Call, scope: Scope): FlagVariable {
  if (!call.hasFirst) return internal;
  const node = call.string(0);
  if (!scope.has('variables')) scope.error(node.at, 'needs', call.name, 'variables');
  const name = scope.declare(node, 'local') ?? '';
  return {
    read: (run) => flagsIn([run.variables.read(name)]),
    write: (run, flags) => run.variables.set(name, flags.join(' ')),
  };
}

function flagCommand(
  name: string,
  change: (before: FlagList, given: FlagList) => FlagList,
): CommandDefinition {
  return {
    name,
    needs,
    args: ['string', 'strings'],
    firstOptional: true,
    compile(call, scope) {
      const variable = variableOf(call, scope);
      const texts = call.texts(1);
      return step((run) => {
        const given = flagsIn(texts.map((text) => text.read(run)));
        variable.write(run, change(variable.read(run), given));
      });
    },
  };
}

const without = (flags: FlagList, gone: FlagList): FlagList => {
  const lower = new Set(gone.map((flag) => flag.toLowerCase()));
  return flags.filter((flag) => !lower.has(flag.toLowerCase()));
};

export const flagCommands: readonly CommandDefinition[] = [
  flagCommand('setflag', (_, given) => given),
  flagCommand('addflag', (before, given) => flagsIn([...before, ...given])),
  flagCommand('removeflag', without),
];

export const hasflag: TestDefinition = {
  name: 'hasflag',
  needs,
  tags: matchTags,
  args: ['strings', 'strings'],
  firstOptional: true,
  compile(call, scope) {
    const names = call.hasFirst ? call.strings(0) : [];
    if (names.length > 0 && !scope.has('variables'))
      scope.error(names[0]!.at, 'needs', call.name, 'variables');
    const read = (run: Run): FlagList =>
      names.length === 0
        ? run.flags
        : names.flatMap((name) => flagsIn([run.variables.read(name.value.toLowerCase())]));
    const split = ['is', 'contains', 'matches'].includes(call.chosen('match') ?? 'is');
    const match = compileMatch(call, scope, split ? call.texts(1).flatMap(eachFlag) : call.texts(1));
    return test((run) => match(run, { values: read(run) }));
  },
};

/** A constant key may hold several flags, too. */
function eachFlag(text: Text): readonly Text[] {
  const { constant } = text;
  if (constant === undefined || !constant.trim().includes(' ')) return [text];
  return constant
    .trim()
    .split(/ +/)
    .map((flag) => ({ at: text.at, constant: flag, read: () => flag }));
}
