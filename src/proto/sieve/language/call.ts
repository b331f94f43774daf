/**
 * A command or test with its arguments in their places: tags by name, positional ones in order.
 *
 * The checker (RFC 5228, 2.6) tells of a tag that is unknown, comes twice, excludes another or lacks its value, and of positional arguments that are missing,
 * too many or of the wrong type. What it gives back is complete: a missing argument is replaced by an empty one, and the script is not run.
 */
import type { Position } from '../problem.ts';
import type { ArgumentNode, CallNode, CommandNode, StringNode } from '../syntax/tree.ts';
import type { ArgumentKind, Definition, TagDefinition } from './definition.ts';
import type { Scope } from './scope.ts';
import { compileText, type Text } from './text.ts';

interface Tagged {
  readonly definition: TagDefinition;
  readonly at: Position;
  readonly value: ArgumentNode | undefined;
}

export class Call {
  readonly name: string;
  readonly at: Position;
  readonly tests: readonly CallNode[];
  readonly block: readonly CommandNode[];
  readonly #scope: Scope;
  readonly #tags = new Map<string, Tagged>();
  #args: (ArgumentNode | undefined)[] = [];

  constructor(
    node: CallNode & { readonly block?: readonly CommandNode[] | undefined },
    definition: Definition<unknown>,
    scope: Scope,
  ) {
    this.name = node.name;
    this.at = node.at;
    this.tests = node.tests;
    this.block = node.block ?? [];
    this.#scope = scope;
    this.#takeArguments(node, definition);
    this.#checkTests(node, definition);
    if (node.block !== undefined && definition.block !== true) scope.error(node.at, 'noBlockHere', node.name);
  }

  has(tag: string): boolean {
    return this.#tags.has(tag);
  }

  tagAt(tag: string): Position {
    return this.#tags.get(tag)?.at ?? this.at;
  }

  /** The tag of a group that was given. */
  chosen(group: string): string | undefined {
    for (const [name, { definition }] of this.#tags) if (definition.group === group) return name;
    return undefined;
  }

  tagText(tag: string): Text | undefined {
    const node = this.tagString(tag);
    return node && compileText(node, this.#scope);
  }

  /** As it stands in the script: for what must be constant. */
  tagString(tag: string): StringNode | undefined {
    const value = this.#tags.get(tag)?.value;
    return value?.is === 'string' ? value : undefined;
  }

  tagTexts(tag: string): readonly Text[] | undefined {
    const tagged = this.#tags.get(tag);
    return tagged?.value && stringsOf(tagged.value).map((each) => compileText(each, this.#scope));
  }

  tagNumber(tag: string): number | undefined {
    const value = this.#tags.get(tag)?.value;
    return value?.is === 'number' ? value.value : undefined;
  }

  /** Whether the first argument, which may be left out, is there. */
  get hasFirst(): boolean {
    return this.#args[0] !== undefined;
  }

  string(index: number): StringNode {
    const node = this.#args[index];
    return node?.is === 'string' ? node : (stringsOf(node)[0] ?? { is: 'string', value: '', at: this.at });
  }

  strings(index: number): readonly StringNode[] {
    return stringsOf(this.#args[index]);
  }

  text(index: number): Text {
    return compileText(this.string(index), this.#scope);
  }

  texts(index: number): readonly Text[] {
    return this.strings(index).map((each) => compileText(each, this.#scope));
  }

  number(index: number): number {
    const node = this.#args[index];
    return node?.is === 'number' ? node.value : 0;
  }

  #takeArguments({ args }: CallNode, definition: Definition<unknown>): void {
    let at = 0;
    while (args[at]?.is === 'tag') at = this.#takeTag(args, at, definition);
    const rest = args.slice(at);
    const late = rest.find((each) => each.is === 'tag');
    if (late?.is === 'tag') this.#scope.error(late.at, 'tagTooLate', late.name);
    else this.#takePositional(rest, definition);
  }

  /** The index behind the tag and its value. */
  #takeTag(args: readonly ArgumentNode[], at: number, { tags = [] }: Definition<unknown>): number {
    const tag = args[at]! as Extract<ArgumentNode, { is: 'tag' }>;
    const definition = tags.find((each) => each.name === tag.name && this.#isThere(each.needs));
    if (definition === undefined) {
      const lacking = tags.find((each) => each.name === tag.name);
      if (lacking) this.#scope.error(tag.at, 'tagNeeds', tag.name, lacking.needs!);
      else this.#scope.error(tag.at, 'tagUnknown', tag.name, this.name);
      // What may be its value is taken along, so that it is not told as a mistake of its own.
      const value = lacking?.value !== undefined && args[at + 1] !== undefined && args[at + 1]!.is !== 'tag';
      return at + (value ? 2 : 1);
    }
    const rival = definition.group === undefined ? undefined : this.chosen(definition.group);
    if (this.#tags.has(tag.name)) this.#scope.error(tag.at, 'tagTwice', tag.name);
    else if (rival !== undefined) this.#scope.error(tag.at, 'tagsExclude', tag.name, rival);
    if (definition.value === undefined) {
      this.#tags.set(tag.name, { definition, at: tag.at, value: undefined });
      return at + 1;
    }
    const value = args[at + 1];
    if (value === undefined || !isOf(definition.value, value)) {
      this.#scope.error(tag.at, 'tagValue', tag.name, definition.value);
      return value === undefined || value.is === 'tag' ? at + 1 : at + 2;
    }
    this.#tags.set(tag.name, { definition, at: tag.at, value });
    return at + 2;
  }

  #isThere(needs: string | undefined): boolean {
    return needs === undefined || this.#scope.has(needs);
  }

  #takePositional(rest: readonly ArgumentNode[], definition: Definition<unknown>): void {
    const { args: kinds = [], firstOptional, lastOptional } = definition;
    const given: (ArgumentNode | undefined)[] = [...rest];
    if (rest.length === kinds.length - 1) {
      if (firstOptional) given.unshift(undefined);
      else if (lastOptional) given.push(undefined);
    }
    if (given.length !== kinds.length) {
      this.#scope.error(this.at, 'argumentCount', this.name, `${kinds.length}`, `${rest.length}`);
      return;
    }
    for (const [i, kind] of kinds.entries()) {
      const node = given[i];
      if (node !== undefined && !isOf(kind, node))
        this.#scope.error(node.at, 'argumentKind', this.name, `${i + 1}`, kind);
    }
    this.#args = given;
  }

  #checkTests({ tests, listed, at, name }: CallNode, definition: Definition<unknown>): void {
    if (definition.tests === undefined) {
      const [first] = tests;
      // `keep stop;` reads as a keep with a test: what lacks is the semicolon.
      if (first && !listed) this.#scope.error(first.at, 'semicolonMissing', name, first.name);
      else if (listed) this.#scope.error(first?.at ?? at, 'noTestHere', name);
    } else if (definition.tests === 'list') {
      if (!listed) this.#scope.error(at, 'testListMissing', name);
    } else if (tests.length !== 1 || listed) this.#scope.error(at, 'oneTest', name);
  }
}

function isOf(kind: ArgumentKind, node: ArgumentNode): boolean {
  return node.is === kind || (kind === 'strings' && (node.is === 'string' || node.is === 'list'));
}

function stringsOf(node: ArgumentNode | undefined): readonly StringNode[] {
  if (node?.is === 'list') return node.items;
  return node?.is === 'string' ? [node] : [];
}
