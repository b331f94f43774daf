/** Macros: what a mail server tells filters beside the commands, by the names that Sendmail gave them. */
import type { Macros } from '../../proto/milter/command.ts';
import type { MacroStage } from '../../proto/milter/negotiation.ts';

/** By name without braces. What is not known is not told. */
export type MacroValues = Readonly<Record<string, string>>;

/** What filters are told that have not chosen: as Postfix does (milter_connect_macros and its like), and what is known of the client. */
const defaults: Readonly<Record<MacroStage, readonly string[]>> = {
  connect: ['j', 'daemon_name', 'daemon_addr', 'v', '_', 'client_addr', 'client_name', 'client_ptr'],
  helo: ['tls_version', 'cipher'],
  mail: ['i', 'auth_type', 'auth_authen', 'auth_author', 'mail_addr', 'mail_host', 'mail_mailer'],
  rcpt: ['rcpt_addr', 'rcpt_host', 'rcpt_mailer'],
  data: ['i'],
  endOfHeaders: ['i'],
  endOfMessage: ['i', 'msg_id'],
};

/** Names of more than one letter are written in braces. */
export function macrosFor(
  stage: MacroStage,
  chosen: readonly string[] | undefined,
  values: MacroValues,
): Macros {
  const names = chosen?.map((name) => name.replace(/^\{(.*)\}$/, '$1')) ?? defaults[stage];
  return names.flatMap((name) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || value === '') return [];
    return [[name.length === 1 ? name : `{${name}}`, value] as const];
  });
}
