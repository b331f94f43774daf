/** Where a new password comes from: a question, standard input, a flag, or chance. It never needs to be in the list of processes or the shell's history. */
import type { Command } from 'commander';
import { newSpokenSecret } from '../base/ids.ts';
import { usageError } from './failure.ts';
import type { Language } from './language.ts';
import { firstLineOfInput, isInteractive, type Questions } from './terminal.ts';

export interface PasswordOptions {
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly generate?: boolean;
}

export interface NewPassword {
  readonly password: string;
  /** It was made here: tell it, once. */
  readonly generated: boolean;
}

export function withPassword(command: Command): Command {
  return command
    .option('--generate', 'make a password and print it, once')
    .option('--password-stdin', 'read it from standard input')
    .option('--password <password>', 'give it here, where others on this machine may see it');
}

const words = {
  en: {
    ask: (whose: string) => `Password for ${whose} (empty: make one)`,
    again: 'Once more',
    differ: 'They differ. Try again.',
  },
  ja: {
    ask: (whose: string) => `${whose} のパスワード（空なら自動で作ります）`,
    again: 'もう一度',
    differ: '一致しません。もう一度入力してください。',
  },
} as const;

const generated = (): NewPassword => ({ password: newSpokenSecret(), generated: true });

/** Throws a usage error when there is nobody to ask and no other source was named. */
export async function newPassword(
  options: PasswordOptions,
  whose: string,
  { questions, language }: { questions: Questions; language: Language },
): Promise<NewPassword> {
  const { password, passwordStdin, generate } = options;
  if ([password, passwordStdin, generate].filter((one) => one !== undefined).length > 1)
    throw usageError('name one source of the password, not several');
  if (password !== undefined) return { password, generated: false };
  if (passwordStdin === true) return { password: await firstLineOfInput(), generated: false };
  if (generate === true) return generated();
  if (!isInteractive())
    throw usageError('say where the password comes from: --generate, --password-stdin or --password');
  const say = words[language];
  for (;;) {
    const first = await questions.secret(say.ask(whose));
    if (first === '') return generated();
    if ((await questions.secret(say.again)) === first) return { password: first, generated: false };
    process.stderr.write(`${say.differ}\n`);
  }
}
