/** What is wrong with a script, as the API tells it. */
import { problemText, type Language, type Problem } from '../../proto/sieve/problem.ts';
import type { ScriptProblems } from './contract-scripts.ts';

export const shownProblem = (problem: Problem, language: Language): ScriptProblems['problems'][number] => ({
  is: problem.is,
  ...problem.at,
  text: problemText(problem, language),
});
