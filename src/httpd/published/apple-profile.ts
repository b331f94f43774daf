/** How iPhones, iPads and Macs set themselves up: a configuration profile for one address, opened by its owner (`.mobileconfig`). */
import { createHash } from 'node:crypto';
import type { MailService, MailSetup } from '../parts.ts';
import { xmlHead, xmlText } from './xml.ts';

type Value = string | number | boolean;

/** Undefined when the server offers no way to read or to send that these devices know. */
export function appleProfile(
  { domain, displayName, hostname, services }: MailSetup,
  address: string,
): string | undefined {
  const find = (...kinds: MailService['kind'][]): MailService | undefined =>
    kinds.map((kind) => services.find((one) => one.kind === kind)).find((one) => one !== undefined);
  const incoming = find('imaps', 'imap', 'pop3s', 'pop3');
  const outgoing = find('submissions', 'submission');
  if (incoming === undefined || outgoing === undefined) return undefined;
  const account: Record<string, Value> = {
    EmailAccountDescription: displayName,
    EmailAccountName: address,
    EmailAccountType: incoming.kind.startsWith('pop3') ? 'EmailTypePOP' : 'EmailTypeIMAP',
    EmailAddress: address,
    IncomingMailServerAuthentication: 'EmailAuthPassword',
    IncomingMailServerHostName: hostname,
    IncomingMailServerPortNumber: incoming.port,
    IncomingMailServerUseSSL: true,
    IncomingMailServerUsername: address,
    OutgoingMailServerAuthentication: 'EmailAuthPassword',
    OutgoingMailServerHostName: hostname,
    OutgoingMailServerPortNumber: outgoing.port,
    OutgoingMailServerUseSSL: true,
    OutgoingMailServerUsername: address,
    OutgoingPasswordSameAsIncomingPassword: true,
    PayloadDisplayName: `${displayName} (${address})`,
    PayloadIdentifier: `${reversed(domain)}.mail.account`,
    PayloadType: 'com.apple.mail.managed',
    PayloadUUID: uuidOf(`account ${address}`),
    PayloadVersion: 1,
  };
  const profile: Record<string, Value> = {
    PayloadDisplayName: `${displayName} (${address})`,
    PayloadIdentifier: `${reversed(domain)}.mail`,
    PayloadType: 'Configuration',
    PayloadUUID: uuidOf(`profile ${address}`),
    PayloadVersion: 1,
  };
  return `${xmlHead}<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
<key>PayloadContent</key>
<array>
<dict>
${entries(account)}
</dict>
</array>
${entries(profile)}
</dict>
</plist>
`;
}

function entries(values: Readonly<Record<string, Value>>): string {
  return Object.entries(values)
    .map(([key, value]) => `<key>${key}</key>\n${valueXml(value)}`)
    .join('\n');
}

function valueXml(value: Value): string {
  if (typeof value === 'boolean') return value ? '<true/>' : '<false/>';
  return typeof value === 'number' ? `<integer>${value}</integer>` : `<string>${xmlText(value)}</string>`;
}

const reversed = (domain: string): string => domain.split('.').toReversed().join('.');

/** The same for the same account each time, so that a profile that is opened again takes the place of the one before (RFC 9562, 5.8). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`.toUpperCase();
}
