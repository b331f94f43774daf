/**
 * Match types and comparators of tests (RFC 5228, 2.7; RFC 5231; RFC 6134): the tags that choose them, and the comparison of a list of values with a list of keys.
 *
 * Constant keys are made ready when the script is compiled. A successful `:matches` or `:regex` leaves what its wildcards took (RFC 5229, 3.2).
 */
import type { Call } from '../language/call.ts';
import type { TagDefinition } from '../language/definition.ts';
import type { Run } from '../language/run.ts';
import type { Scope } from '../language/scope.ts';
import type { Text } from '../language/text.ts';
import { octetsOf } from '../text.ts';
import { type Comparator, comparators, defaultComparator, numericComparator } from './comparator.ts';
import { matchRegex, parseRegex, type Regex } from './regex.ts';
import { matchPattern, parsePattern } from './wildcard.ts';

const relations = ['gt', 'ge', 'lt', 'le', 'eq', 'ne'] as const;
type Relation = (typeof relations)[number];

export const matchTags: readonly TagDefinition[] = [
  { name: 'is', group: 'match' },
  { name: 'contains', group: 'match' },
  { name: 'matches', group: 'match' },
  { name: 'count', group: 'match', value: 'string', needs: 'relational' },
  { name: 'value', group: 'match', value: 'string', needs: 'relational' },
  { name: 'regex', group: 'match', needs: 'regex' },
  { name: 'list', group: 'match', needs: 'extlists' },
  { name: 'comparator', value: 'string' },
];

export interface Matching {
  /** What `:count` compares. The number of values when absent. */
  readonly count?: number;
  readonly values: readonly string[];
}

/** Whether any value matches any key. */
export type Matcher = (run: Run, given: Matching) => boolean;

/** Whether one value matches a key. */
type Key = (value: string, run: Run) => boolean;
type KeyMaker = (key: string, run: Run | undefined) => Key;

export interface MatchOptions {
  /** False where wildcards leave no match variables (RFC 5173, 6). */
  readonly remembers?: boolean;
}

/** `keys` are the texts of the script that values are compared with. */
export function compileMatch(
  call: Call,
  scope: Scope,
  keys: readonly Text[],
  { remembers = true }: MatchOptions = {},
): Matcher {
  const comparator = chosenComparator(call, scope);
  const type = call.chosen('match') ?? 'is';
  if (type === 'count') return countMatcher(relationOf(call, 'count', scope), keys);
  if (!comparator.substrings && (type === 'contains' || type === 'matches' || type === 'regex'))
    scope.error(call.tagAt(type), 'comparatorSubstring', comparator.name, type);
  const make = keyMaker(type, comparator, { call, scope, remembers: remembers && scope.has('variables') });
  const ready = keys.map((text) => readyKey(text, make));
  return (run, { values }) => {
    const now = ready.map((key) => key(run));
    return values.some((value) => now.some((key) => key(value, run)));
  };
}

/** Whether the test counts: then values themselves need not be made. */
export const isCount = (call: Call): boolean => call.chosen('match') === 'count';

function readyKey(text: Text, make: KeyMaker): (run: Run) => Key {
  if (text.constant === undefined) return (run) => make(text.read(run), run);
  const key = make(text.constant, undefined);
  return () => key;
}

interface Place {
  readonly call: Call;
  readonly scope: Scope;
  readonly remembers: boolean;
}

function keyMaker(type: string, comparator: Comparator, place: Place): KeyMaker {
  switch (type) {
    case 'contains':
      return (key) => contains(comparator.fold(key), comparator);
    case 'matches':
      return (key) => wildcards(key, comparator, place.remembers);
    case 'value':
      return valueKey(relationOf(place.call, 'value', place.scope), comparator);
    case 'regex':
      return (key, run) => regexKey(key, comparator, { ...place, run });
    case 'list':
      return (key) => inList(key, place.remembers);
    default:
      return (key) => is(comparator.fold(key), comparator);
  }
}

/** What was found is `${0}` (RFC 6134, 2.2). */
function inList(list: string, remembers: boolean): Key {
  return (value, run) => {
    const found = run.ask<'inList'>({ is: 'inList', list, value });
    if (found && remembers) run.variables.captures = [value];
    return found;
  };
}

function is(folded: string, comparator: Comparator): Key {
  return (value, run) => {
    run.spend(value.length);
    return comparator.fold(value) === folded;
  };
}

function contains(folded: string, comparator: Comparator): Key {
  // A key of octets that are no characters may begin within one.
  const form = folded.isWellFormed()
    ? (text: string) => text
    : (text: string) => octetsOf(text).toString('latin1');
  const key = form(folded);
  return (value, run) => {
    run.spend(value.length + key.length);
    return form(comparator.fold(value)).includes(key);
  };
}

function wildcards(key: string, comparator: Comparator, remembers: boolean): Key {
  const pattern = parsePattern(key, comparator);
  return (value, run) => {
    const captures = matchPattern(pattern, value, { comparator, spend: run.spend });
    if (captures !== undefined && remembers) run.variables.captures = captures;
    return captures !== undefined;
  };
}

interface RegexPlace extends Place {
  readonly run: Run | undefined;
}

/** An expression that is wrong is an error: of the script when it stands there, of the run when a variable brought it. */
function regexKey(source: string, comparator: Comparator, { call, scope, run, remembers }: RegexPlace): Key {
  const spend = run?.spend ?? ((amount: number) => scope.spend(amount, call.at));
  const regex = parseRegex(source, comparator, spend);
  if ('problem' in regex) {
    if (run) throw run.error('regexInvalid', regex.problem);
    scope.error(call.at, 'regexInvalid', regex.problem);
    return () => false;
  }
  return (value, each) => regexMatches(regex, value, { run: each, remembers });
}

function regexMatches(
  regex: Regex,
  value: string,
  { run, remembers }: { run: Run; remembers: boolean },
): boolean {
  const captures = matchRegex(regex, value, run.spend);
  if (captures !== undefined && remembers) run.variables.captures = captures;
  return captures !== undefined;
}

function valueKey(relation: Relation, comparator: Comparator): KeyMaker {
  return (key) => (value, run) => {
    run.spend(value.length + key.length);
    return stands(comparator.compare(value, key), relation);
  };
}

/** Numbers, whatever the comparator (RFC 5231, 4.2). */
function countMatcher(relation: Relation, keys: readonly Text[]): Matcher {
  return (run, { values, count = values.length }) =>
    keys.some((key) => stands(numericComparator.compare(`${count}`, key.read(run)), relation));
}

const stands = (order: number | undefined, relation: Relation): boolean =>
  order !== undefined && relationHolds[relation](order);

const relationHolds: Readonly<Record<Relation, (order: number) => boolean>> = {
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
};

function relationOf(call: Call, tag: 'count' | 'value', scope: Scope): Relation {
  const node = call.tagString(tag);
  const relation = relations.find((each) => each === node?.value.toLowerCase());
  if (relation === undefined && node) scope.error(node.at, 'relationUnknown', node.value);
  return relation ?? 'eq';
}

function chosenComparator(call: Call, scope: Scope): Comparator {
  const node = call.tagString('comparator');
  if (node === undefined) return defaultComparator;
  const comparator = comparators.get(node.value);
  if (comparator === undefined) {
    scope.error(node.at, 'comparatorUnknown', node.value);
    return defaultComparator;
  }
  const capability = `comparator-${comparator.name}`;
  if (!alwaysThere.has(comparator.name) && !scope.has(capability))
    scope.error(node.at, 'comparatorNeeds', capability);
  return comparator;
}

/** RFC 5228, 2.7.3. */
const alwaysThere = new Set(['i;octet', 'i;ascii-casemap']);
