/** How a mailer sets itself up, in the form of Outlook (Autodiscover, "plain old XML": [MS-OXDSCLI]). */
import type { MailService, MailSetup } from '../parts.ts';
import { xmlElements, xmlHead, xmlText } from './xml.ts';

const responseSchema = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const outlookSchema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

const types: readonly (readonly [MailService['kind'], 'IMAP' | 'POP3' | 'SMTP', 'SSL' | 'TLS'])[] = [
  ['imaps', 'IMAP', 'SSL'],
  ['imap', 'IMAP', 'TLS'],
  ['pop3s', 'POP3', 'SSL'],
  ['pop3', 'POP3', 'TLS'],
  ['submissions', 'SMTP', 'SSL'],
  ['submission', 'SMTP', 'TLS'],
];

export interface AutodiscoverRequest {
  readonly address: string;
  /** What the mailer can read; `''`: it did not say. */
  readonly schema: string;
}

/** Undefined when it names no address. The document is small and flat: nothing of XML but these two elements is looked at. */
export function readAutodiscover(xml: string): AutodiscoverRequest | undefined {
  const address = elementText(xml, 'EMailAddress');
  return address === '' ? undefined : { address, schema: elementText(xml, 'AcceptableResponseSchema') };
}

function elementText(xml: string, name: string): string {
  const text = new RegExp(`<(?:\\w+:)?${name}>\\s*([^<\\s]{1,400})\\s*</`, 'i').exec(xml)?.[1] ?? '';
  return text.replaceAll(/&(?:amp|#38);/g, '&').replaceAll(/&(?:apos|#39);/g, "'");
}

export const readsOutlook = ({ schema }: AutodiscoverRequest): boolean =>
  schema === '' || schema === outlookSchema;

export function autodiscoverXml({ displayName, hostname, services }: MailSetup, address: string): string {
  const taken = new Set<string>();
  const protocols = types.flatMap(([kind, type, encryption]) => {
    const service = services.find((one) => one.kind === kind);
    // The first of each: Outlook takes the last otherwise.
    if (service === undefined || taken.has(type)) return [];
    taken.add(type);
    const fields = {
      Type: type,
      Server: hostname,
      Port: String(service.port),
      DomainRequired: 'off',
      LoginName: address,
      SPA: 'off',
      SSL: 'on',
      Encryption: encryption,
      AuthRequired: 'on',
      ...(type === 'SMTP' ? { UsePOPAuth: 'off', SMTPLast: 'off' } : {}),
    };
    return [`<Protocol>\n${xmlElements(fields)}\n</Protocol>`];
  });
  return `${xmlHead}<Autodiscover xmlns="${responseSchema}">
<Response xmlns="${outlookSchema}">
<User>
${xmlElements({ DisplayName: displayName })}
</User>
<Account>
${xmlElements({ AccountType: 'email', Action: 'settings' })}
${protocols.join('\n')}
</Account>
</Response>
</Autodiscover>
`;
}

/** `600`: no address was named; `601`: the form that is asked for is not known. */
export function autodiscoverError(code: 600 | 601, message: string): string {
  return `${xmlHead}<Autodiscover xmlns="${responseSchema}">
<Response>
<Error>
<ErrorCode>${code}</ErrorCode>
<Message>${xmlText(message)}</Message>
<DebugData />
</Error>
</Response>
</Autodiscover>
`;
}
