/** Texts for people in the language that LANGUAGE chose (RFC 5255, 3). */
import type { TextLanguage } from './commands/language.ts';
import { japanese } from './words-ja.ts';

/** `[CODE] text` or `text`, as UTF-8 with one character for each byte. What is wrong with the syntax is for programmers, and stays English behind a word. */
export function translated(line: string, language: TextLanguage): string {
  if (language === 'en') return line;
  const codeEnd = line.startsWith('[') ? line.lastIndexOf('] ') + 2 : 0;
  const text = line.slice(codeEnd);
  const done = /^(.+) completed$/.exec(text);
  const found = done === null ? (japanese.get(text) ?? `誤り: ${text}`) : `${done[1]!} を完了しました`;
  return line.slice(0, codeEnd) + Buffer.from(found).toString('latin1');
}
