/** Regular expressions that people write into settings: RE2's, so that the time is linear in the text whatever the expression, and bounded in size. */
import { RE2JS } from 're2js';

export interface Expression {
  /** Somewhere in the text, without regard to case. */
  fits(text: string): boolean;
}

const sourceMaxChars = 1000;
const programMax = 2000;

/** The expression, or why it is none. */
export function compileExpression(source: string): Expression | { readonly problem: string } {
  if (source.length > sourceMaxChars) return { problem: `longer than ${sourceMaxChars} characters` };
  try {
    const compiled = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE | RE2JS.DOTALL);
    if (compiled.matcher('').programSize() > programMax) return { problem: 'too large' };
    return { fits: (text) => compiled.matcher(text).find() };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
