import type { Command } from 'commander';
import type { MailDomain } from '../../app/dns-records.ts';
import { domainInDns } from '../../app/founding.ts';
import { publicAddresses } from '../../app/machine.ts';
import { usageError } from '../failure.ts';
import { languageOption, type Language } from '../language.ts';
import { loadSettings } from '../settings-file.ts';
import { recordLines, zoneLines } from '../setup/report.ts';
import { setupWords } from '../setup/words.ts';

interface DnsOptions {
  readonly address?: readonly string[];
  readonly zone?: boolean;
  readonly language: Language;
}

export function addDomainDns(group: Command): void {
  group
    .command('dns <domain>')
    .description('the DNS records it needs; the server need not run')
    .option('--address <ip...>', 'public address of the server (default: those of this machine)')
    .option('--zone', 'as lines of a zone file')
    .addOption(languageOption())
    .action((name: string, { address, zone, language }: DnsOptions, command: Command) => {
      const domain = domainInDns(name);
      if (domain === undefined) throw usageError(`"${name}" is not a domain on the Internet`);
      const { hostname, listeners } = loadSettings(command);
      const of: MailDomain = {
        domain,
        hostname,
        listeners,
        addresses: address ?? publicAddresses(),
        dkim: [],
      };
      console.log((zone === true ? zoneLines(of) : recordLines(of, setupWords[language])).join('\n'));
    });
}
