/**
 * A string of a script, ready to be read: with `encoded-character` decoded once, and with `variables` put together from pieces each time (RFC 5229, 3).
 *
 * Variables are read when the statement is run. A name that is no variable name leaves the text as it is; a namespace that nobody has defined is an error.
 */
import { decodeCharacters } from '../match/encoded-character.ts';
import type { Position } from '../problem.ts';
import type { StringNode } from '../syntax/tree.ts';
import { octetsOf, textOf } from '../text.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

export interface Text {
  readonly at: Position;
  /** Its value, when no variable is in it. */
  readonly constant: string | undefined;
  read(run: Run): string;
}

type Piece = string | ((run: Run) => string);

export function constantText(value: string, at: Position): Text {
  return { at, constant: value, read: () => value };
}

export function compileText({ value, at }: StringNode, scope: Scope): Text {
  let text = value;
  if (scope.has('encoded-character')) {
    const decoded = decodeCharacters(value);
    if (decoded === undefined) scope.error(at, 'notUnicode');
    text = decoded ?? value;
  }
  if (!scope.has('variables') || !text.includes('${')) return constantText(text, at);
  const pieces = piecesOf(text, at, scope);
  if (pieces.every((piece) => typeof piece === 'string')) return constantText(pieces.join(''), at);
  return { at, constant: undefined, read: (run) => joined(pieces, run) };
}

const reference =
  /\$\{((?:[A-Za-z_][A-Za-z0-9_]*\.)?(?:(?:[0-9]+|[A-Za-z_][A-Za-z0-9_]*)\.)*)([0-9]+|[A-Za-z_][A-Za-z0-9_]*)\}/g;

function piecesOf(text: string, at: Position, scope: Scope): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of text.matchAll(reference)) {
    const [whole, namespace, name] = found as unknown as [string, string, string];
    if (/^[0-9]/.test(namespace)) continue;
    if (found.index > from) pieces.push(text.slice(from, found.index));
    from = found.index + whole.length;
    pieces.push(variable(namespace.slice(0, -1).toLowerCase(), name.toLowerCase(), at, scope));
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

function variable(namespace: string, name: string, at: Position, scope: Scope): Piece {
  if (namespace === 'global' && scope.has('include') && !/^[0-9]/.test(name)) {
    return (run) => run.variables.readGlobal(name);
  }
  if (namespace !== '') {
    scope.error(at, 'namespaceUnknown', namespace);
    return '';
  }
  if (!/^[0-9]/.test(name)) return (run) => run.variables.read(name);
  const index = Number(name);
  if (index > scope.limits.matchVariableMax) {
    scope.error(at, 'matchVariableTooHigh', name, `${scope.limits.matchVariableMax}`);
    return '';
  }
  return (run) => run.variables.captures[index] ?? '';
}

function joined(pieces: readonly Piece[], run: Run): string {
  let text = '';
  for (const piece of pieces) {
    const more = typeof piece === 'string' ? piece : piece(run);
    run.spend(more.length);
    text += more;
  }
  // Octets that were apart may now be a character.
  return text.isWellFormed() ? text : textOf(octetsOf(text));
}
