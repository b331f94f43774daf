/** How a mailer sets itself up, in the form of Thunderbird and those that follow it (Autoconfig 1.1). */
import type { MailService, MailSetup } from '../parts.ts';
import { xmlElements, xmlHead, xmlText } from './xml.ts';

interface Form {
  readonly element: 'incomingServer' | 'outgoingServer';
  readonly type: 'imap' | 'pop3' | 'smtp';
  readonly socketType: 'SSL' | 'STARTTLS';
}

/** In the order of preference: mailers take the first they can. */
const forms: readonly (readonly [MailService['kind'], Form])[] = [
  ['imaps', { element: 'incomingServer', type: 'imap', socketType: 'SSL' }],
  ['imap', { element: 'incomingServer', type: 'imap', socketType: 'STARTTLS' }],
  ['pop3s', { element: 'incomingServer', type: 'pop3', socketType: 'SSL' }],
  ['pop3', { element: 'incomingServer', type: 'pop3', socketType: 'STARTTLS' }],
  ['submissions', { element: 'outgoingServer', type: 'smtp', socketType: 'SSL' }],
  ['submission', { element: 'outgoingServer', type: 'smtp', socketType: 'STARTTLS' }],
];

export function autoconfigXml({ domain, displayName, hostname, services }: MailSetup): string {
  const servers = forms.flatMap(([kind, { element, type, socketType }]) => {
    const service = services.find((one) => one.kind === kind);
    if (service === undefined) return [];
    const fields = xmlElements({
      hostname,
      port: String(service.port),
      socketType,
      authentication: 'password-cleartext',
      username: '%EMAILADDRESS%',
    });
    return [`<${element} type="${type}">\n${fields}\n</${element}>`];
  });
  return `${xmlHead}<clientConfig version="1.1">
<emailProvider id="${xmlText(domain)}">
${xmlElements({ domain, displayName, displayShortName: displayName })}
${servers.join('\n')}
</emailProvider>
</clientConfig>
`;
}
