/** What is told at the end: the records for DNS, and what to do next. */
import { firstRecords, type NewDomain } from '../../app/first-records.ts';
import type { Language } from '../language.ts';
import { table } from '../table.ts';
import { dnsWords } from '../words/dns.ts';
import type { SetupWords } from './words.ts';

/** A table for people. */
export function recordLines(of: NewDomain, language: Language, say: SetupWords): string[] {
  const { purposes } = dnsWords[language];
  const [type, name, value, purpose] = say.columns;
  let told = '';
  const lines = table(firstRecords(of), [
    { title: type, of: (record) => record.type },
    { title: name, of: (record) => record.name },
    {
      title: purpose,
      of: (record) => {
        // Once for each group of records that serve the same.
        const text = record.purpose === told ? '' : purposes[record.purpose];
        told = record.purpose;
        return text;
      },
    },
    // Last, as keys are longer than any line.
    { title: value, of: (record) => record.data },
  ]);
  return of.addresses.length === 0 ? [...lines, '', say.addressUnknown] : lines;
}

export interface Ahead {
  readonly domain: NewDomain;
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
    next.dns(domain.domain, `${command} dns ${domain.domain}`),
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
