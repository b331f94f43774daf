/** What is told at the end: the records for DNS, and what to do next. */
import { dnsRecords, reverseName, zoneLine, type DnsRecord, type MailDomain } from '../../app/dns-records.ts';
import { table } from '../table.ts';
import type { SetupWords } from './words.ts';

/** A table for people. */
export function recordLines(of: MailDomain, say: SetupWords): string[] {
  const [type, name, value, purpose] = say.columns;
  let told = '';
  const lines = table(dnsRecords(of), [
    { title: type, of: (record) => record.type },
    { title: name, of: (record) => record.name },
    { title: value, of: (record) => record.data },
    {
      title: purpose,
      of: (record: DnsRecord) => {
        // Once for each group of records that serve the same.
        const text = record.purpose === told ? '' : say.purpose(record.purpose);
        told = record.purpose;
        return text;
      },
    },
  ]);
  return [...lines, '', ...notes(of, say)];
}

function notes({ addresses, hostname }: MailDomain, say: SetupWords): string[] {
  if (addresses.length === 0) return [say.addressUnknown];
  return addresses.map((address) => say.ptr(address, reverseName(address), hostname));
}

/** Lines of a zone file, and of what is set elsewhere as remarks. */
export function zoneLines(of: MailDomain): string[] {
  const backwards = of.addresses.map((ip) => `; ${reverseName(ip)}.\tIN\tPTR\t${of.hostname}.`);
  return [...dnsRecords(of).map(zoneLine), ...backwards];
}

export interface Ahead {
  readonly domain: MailDomain;
  readonly admin: string;
  readonly config: string;
  readonly hasCertificate: boolean;
  /** systemd has the unit. */
  readonly unit: boolean;
  /** How this program is called: `hikyaku`, with `--config` where it would not be found. */
  readonly command: string;
}

export function nextSteps(
  { domain, admin, config, hasCertificate, unit, command }: Ahead,
  say: SetupWords,
): string[] {
  const { next } = say;
  const portOf = (kind: string): number | undefined =>
    domain.listeners.find((one) => one.kind === kind)?.port;
  const steps = [
    next.dns(domain.domain),
    next.ptr(domain.hostname),
    next.port25(),
    next.check(`${command} serve --check`),
    unit ? next.enable() : next.start(`${command} serve`),
    ...(hasCertificate ? [] : [next.certificate(config)]),
    next.mailer(domain.hostname, admin, `SMTP ${portOf('submissions')} (TLS), IMAP ${portOf('imaps')} (TLS)`),
    next.more(`${command} account add`),
  ];
  return [say.nextHead, ...steps.map((step, i) => `  ${i + 1}. ${step}`)];
}
