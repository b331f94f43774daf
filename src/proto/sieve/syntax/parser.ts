/**
 * Tokens to a tree of commands (RFC 5228, 8.2). After a mistake it goes on at the next command, so that a script's problems are told all at once; each command
 * has at most one of its syntax.
 */
import type { Position, ProblemCode } from '../problem.ts';
import { Lexer, type Report, type Token } from './lexer.ts';
import type { ArgumentNode, CallNode, CommandNode, StringNode } from './tree.ts';

/** Problems of syntax in one script that are told. */
const problemsMax = 50;

export interface ParseOptions {
  readonly nestingMax: number;
  readonly report: Report;
}

export function parseScript(source: string, options: ParseOptions): CommandNode[] {
  return new Parser(source, options).script();
}

/** Thrown within, to leave a command that makes no sense. */
class Mistake extends Error {
  readonly at: Position;
  readonly code: ProblemCode;
  readonly fill: readonly string[];

  constructor(at: Position, code: ProblemCode, ...fill: readonly string[]) {
    super(code);
    this.at = at;
    this.code = code;
    this.fill = fill;
  }
}

class Parser {
  readonly #lexer: Lexer;
  readonly #options: ParseOptions;
  #token: Token;
  #comment: string;
  #problems = 0;
  /** The lexer has told of something within the command at hand: what follows from it is not told again. */
  #spoiled = false;

  constructor(source: string, options: ParseOptions) {
    this.#options = options;
    this.#lexer = new Lexer(source, (at, code, ...fill) => {
      this.#spoiled = true;
      this.#tell(at, code, fill);
    });
    this.#token = this.#lexer.next();
    this.#comment = this.#lexer.takeComment();
  }

  script(): CommandNode[] {
    const commands = this.#commands(0);
    while (this.#token.is !== 'end' && this.#problems < problemsMax) {
      this.#tell(this.#token.at, 'blockNotOpen', []);
      this.#advance();
      commands.push(...this.#commands(0));
    }
    return commands;
  }

  #commands(depth: number): CommandNode[] {
    const commands: CommandNode[] = [];
    while (this.#token.is !== 'end' && this.#token.is !== '}' && this.#problems < problemsMax) {
      try {
        this.#spoiled = false;
        commands.push(this.#command(depth));
      } catch (error) {
        if (!(error instanceof Mistake)) throw error;
        if (!this.#spoiled) this.#tell(error.at, error.code, error.fill);
        this.#recover();
      }
    }
    return commands;
  }

  #command(depth: number): CommandNode {
    const comment = this.#comment;
    const call = this.#call('command', depth);
    if (this.#token.is === ';') {
      this.#advance();
      return { ...call, block: undefined, comment };
    }
    if (this.#token.is !== '{')
      throw new Mistake(this.#token.at, 'semicolonMissing', call.name, this.#shown());
    return { ...call, block: this.#block(depth + 1), comment };
  }

  #block(depth: number): CommandNode[] {
    const open = this.#token.at;
    if (depth > this.#options.nestingMax)
      throw new Mistake(open, 'nestedTooDeep', `${this.#options.nestingMax}`);
    this.#advance();
    const commands = this.#commands(depth);
    if (this.#token.is === '}') this.#advance();
    else if (this.#problems < problemsMax) this.#tell(open, 'blockNotClosed', []);
    return commands;
  }

  #call(what: 'command' | 'test', depth: number): CallNode {
    const token = this.#token;
    if (token.is !== 'identifier')
      throw new Mistake(token.at, what === 'command' ? 'commandExpected' : 'testExpected', this.#shown());
    this.#advance();
    const args: ArgumentNode[] = [];
    for (let next = this.#argument(); next !== undefined; next = this.#argument()) args.push(next);
    const { tests, listed } = this.#tests(depth + 1);
    return { name: token.text, at: token.at, args, tests, listed };
  }

  #tests(depth: number): Pick<CallNode, 'tests' | 'listed'> {
    const { is, at } = this.#token;
    if (is !== 'identifier' && is !== '(') return { tests: [], listed: false };
    if (depth > this.#options.nestingMax)
      throw new Mistake(at, 'nestedTooDeep', `${this.#options.nestingMax}`);
    if (is === 'identifier') return { tests: [this.#call('test', depth)], listed: false };
    const tests: CallNode[] = [];
    do {
      this.#advance();
      tests.push(this.#call('test', depth));
    } while (this.#token.is === ',');
    this.#expect(')');
    return { tests, listed: true };
  }

  #argument(): ArgumentNode | undefined {
    const token = this.#token;
    switch (token.is) {
      case 'string':
        this.#advance();
        return { is: 'string', value: token.text, at: token.at };
      case 'number':
        this.#advance();
        return { is: 'number', value: token.value, at: token.at };
      case 'tag':
        this.#advance();
        return { is: 'tag', name: token.text, at: token.at };
      case '[':
        return this.#list(token.at);
      default:
        return undefined;
    }
  }

  #list(at: Position): ArgumentNode {
    const items: StringNode[] = [];
    do {
      this.#advance();
      const token = this.#token;
      if (token.is !== 'string') throw new Mistake(token.at, 'stringExpected', this.#shown());
      items.push({ is: 'string', value: token.text, at: token.at });
      this.#advance();
    } while (this.#token.is === ',');
    this.#expect(']');
    return { is: 'list', items, at };
  }

  #expect(is: ')' | ']'): void {
    if (this.#token.is !== is) throw new Mistake(this.#token.at, 'expected', is, this.#shown());
    this.#advance();
  }

  /** On to where a command may begin: behind the next semicolon, or behind the block that the mistake opens or is in front of. */
  #recover(): void {
    let depth = 0;
    for (;;) {
      const { is } = this.#token;
      if (is === 'end' || (is === '}' && depth === 0)) return;
      this.#advance();
      if (is === '{') depth++;
      else if (is === '}' && --depth === 0) return;
      else if (is === ';' && depth === 0) return;
    }
  }

  #advance(): void {
    this.#token = this.#lexer.next();
    this.#comment = this.#lexer.takeComment();
  }

  #tell(at: Position, code: ProblemCode, fill: readonly string[]): void {
    if (this.#problems++ < problemsMax) this.#options.report(at, code, ...fill);
  }

  /** The token at hand as a person would name it. */
  #shown(): string {
    const token = this.#token;
    switch (token.is) {
      case 'identifier':
        return token.text;
      case 'tag':
        return `:${token.text}`;
      case 'string':
        return '"…"';
      case 'number':
        return `${token.value}`;
      case 'end':
        return '∎';
      default:
        return token.is;
    }
  }
}
