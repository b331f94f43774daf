/** The administrator's password: as the flags say, else asked for, else made. */
import type { SetupOptions } from '../command/setup.ts';
import type { Language } from '../language.ts';
import { newPassword, type NewPassword } from '../password.ts';
import { terminal } from '../terminal.ts';

export function setupPassword(
  { adminPassword, passwordStdin, generate }: SetupOptions,
  { admin, language, interactive }: { admin: string; language: Language; interactive: boolean },
): Promise<NewPassword> {
  const nothingSaid = adminPassword === undefined && passwordStdin === undefined && !interactive;
  const options = {
    ...(adminPassword === undefined ? {} : { password: adminPassword }),
    ...(passwordStdin === undefined ? {} : { passwordStdin }),
    ...(generate === true || nothingSaid ? { generate: true } : {}),
  };
  return newPassword(options, admin, { questions: terminal, language });
}
