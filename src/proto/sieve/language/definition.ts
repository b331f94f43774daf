/** What a command or test of the language is: its arguments, which the checker sees to, and what it compiles to. */
import type { Call } from './call.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

/** `next`: on with the following command. `break`: out of the loop that `run.leaving` names. */
export type Flow = 'next' | 'stop' | 'return' | 'break';

export type Command = (run: Run) => Flow;

export interface Test {
  readonly holds: (run: Run) => boolean;
  /** Known before anything is run: `ihave`, `true`, and what is made of them. */
  readonly always?: boolean;
}

export type ArgumentKind = 'string' | 'strings' | 'number';

export interface TagDefinition {
  readonly name: string;
  /** Tags of one group exclude each other. */
  readonly group?: string;
  /** An argument follows. */
  readonly value?: ArgumentKind;
  /** The capability that brings the tag, when it is not that of the command. */
  readonly needs?: string;
}

export interface Definition<Compiled> {
  readonly name: string;
  /** The capability that brings it; undefined: it is always there. */
  readonly needs?: string;
  readonly tags?: readonly TagDefinition[];
  /** Positional arguments. */
  readonly args?: readonly ArgumentKind[];
  /** The first of them may be left out. */
  readonly firstOptional?: boolean;
  /** The last may. */
  readonly lastOptional?: boolean;
  readonly tests?: 'one' | 'list';
  readonly block?: boolean;
  compile(call: Call, scope: Scope): Compiled;
}

export type CommandDefinition = Definition<Command>;
export type TestDefinition = Definition<Test>;

/** A test that has to be run to be known. */
export const test = (holds: (run: Run) => boolean): Test => ({ holds });
/** A command after which the next one comes. */
export const step =
  (run: (run: Run) => void): Command =>
  (each) => {
    run(each);
    return 'next';
  };
