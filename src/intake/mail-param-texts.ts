/** Parameters of MAIL as a client writes them: for filters that hear of the command. */
import type { MailParams } from '../proto/smtp/params.ts';

export function mailParamTexts({ sizeBytes, body, smtpUtf8, requireTls }: MailParams): string[] {
  return [
    ...(sizeBytes === undefined ? [] : [`SIZE=${sizeBytes}`]),
    ...(body === undefined ? [] : [`BODY=${body.toUpperCase()}`]),
    ...(smtpUtf8 ? ['SMTPUTF8'] : []),
    ...(requireTls ? ['REQUIRETLS'] : []),
  ];
}
