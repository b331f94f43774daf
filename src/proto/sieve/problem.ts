/** What is wrong with a script, where, and in whose words. */
import { words } from './words/problems.ts';

export type Language = 'en' | 'ja';

/** Of the first character of what is meant. Lines and columns count from 1; columns are characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type ProblemCode = keyof typeof words;

/** `with` fills the places `{0}`, `{1}` of the sentence. */
export interface Problem {
  readonly is: 'error' | 'warning';
  readonly at: Position;
  readonly code: ProblemCode;
  readonly with: readonly string[];
}

/** The script cannot go on: thrown by whatever runs, told with the line of the command. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
  readonly problem: Problem;

  constructor(at: Position, code: ProblemCode, ...fill: readonly string[]) {
    super(code);
    this.problem = { is: 'error', at, code, with: fill };
  }
}

/** The sentence alone. */
export function problemText({ code, with: fill }: Problem, language: Language): string {
  const [en, ja] = words[code];
  return (language === 'ja' ? ja : en).replaceAll(
    /\{(\d)\}/g,
    (_, index: string) => fill[Number(index)] ?? '',
  );
}

/** `line 3, column 7: …`, as a client shows it. */
export function problemLine(problem: Problem, language: Language): string {
  const { line, column } = problem.at;
  const text = problemText(problem, language);
  if (language === 'ja') return `${line}行目 ${column}文字目: ${text}`;
  return `line ${line}, column ${column}: ${text}`;
}
