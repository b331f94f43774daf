/** The language of whoever sits at the terminal. */
import { Option } from 'commander';

export type Language = 'en' | 'ja';

/** As POSIX has it: LC_ALL before LC_MESSAGES before LANG. */
export function spokenLanguage(): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  const locale = [LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== '') ?? '';
  return locale.startsWith('ja') ? 'ja' : 'en';
}

export const languageOption = (): Option =>
  new Option('--language <language>', 'en or ja')
    .choices(['en', 'ja'])
    .default(spokenLanguage(), 'that of the terminal');
