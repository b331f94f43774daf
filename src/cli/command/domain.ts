import type { Command } from 'commander';
import type { Domain } from '../../app/admin-answers.ts';
import { confirmed, Desk, part, withJson, withList, withOrg, withYes, type ListOptions } from '../desk.ts';
import { facts } from '../table.ts';
import { timeText } from '../quantity.ts';

interface DomainOptions {
  readonly org?: string;
  readonly aliasOf?: string;
  readonly separators?: string;
  readonly legacyAddresses?: boolean;
  readonly caseSensitive?: boolean;
  readonly mtaSts?: string;
  readonly bimiLogo?: string;
}

const names = {
  name: '<domain>',
  aliasOf: '--alias-of',
  separators: '--separators',
  legacyLocalParts: '--legacy-addresses',
  caseSensitive: '--case-sensitive',
  mtaSts: '--mta-sts',
  bimiLogo: '--bimi-logo',
};

export function addDomain(program: Command): void {
  const domain = program.command('domain').description('domains whose mail ends here');
  withOrg(withList(domain.command('list').description('all of them'))).action(
    async (options: ListOptions & { org?: string }, command: Command) => {
      const desk = new Desk(command);
      const path =
        options.org === undefined ? '/domains' : `/orgs/${part((await desk.org(options.org)).id)}/domains`;
      desk.printList(await desk.list<Domain>(path, options), [
        { title: 'domain', of: ({ unicodeName }) => unicodeName },
        { title: 'is', of: ({ aliasOf }) => (aliasOf === '' ? '' : `an alias of ${aliasOf}`) },
        { title: 'catch-all', of: ({ catchAll }) => catchAll },
        { title: 'subaddresses', of: ({ separators }) => Array.from(separators).join(' ') },
      ]);
    },
  );
  withJson(domain.command('show <domain>').description('one of them, written in any way')).action(
    async (name: string, _: object, command: Command) => {
      const desk = new Desk(command);
      show(desk, await desk.domain(name));
    },
  );
  withJson(
    withOrg(withEdits(domain.command('add <domain>').description('make one, as example.jp or 例え.jp')))
      .option('--alias-of <domain>', 'it has the addresses of that domain')
      .option('--case-sensitive', 'Alice and alice are two: for good'),
  ).action(async (name: string, options: DomainOptions, command: Command) => {
    const desk = new Desk(command);
    const { id } = await desk.org(options.org);
    const { aliasOf, caseSensitive } = options;
    const body = {
      name,
      ...edits(options),
      ...(aliasOf === undefined ? {} : { aliasOf }),
      ...(caseSensitive === undefined ? {} : { caseSensitive }),
    };
    show(desk, await desk.send<Domain>('POST', `/orgs/${part(id)}/domains`, body, names));
  });
  withJson(
    withEdits(domain.command('change <domain>').description('change how its addresses work')).option(
      '--no-legacy-addresses',
      'no new addresses like a..b',
    ),
  ).action(async (name: string, options: DomainOptions, command: Command) => {
    const desk = new Desk(command);
    const { org } = await desk.domain(name);
    const path = `/orgs/${part(org)}/domains/${part(name)}`;
    show(desk, await desk.send<Domain>('PATCH', path, edits(options), names));
  });
  withYes(domain.command('remove <domain>').description('remove one that has no addresses')).action(
    async (name: string, options: { yes?: boolean }, command: Command) => {
      const desk = new Desk(command);
      const { org, unicodeName } = await desk.domain(name);
      await confirmed(options, {
        en: `Remove the domain ${unicodeName}?`,
        ja: `ドメイン ${unicodeName} を削除しますか？`,
      });
      await desk.send('DELETE', `/orgs/${part(org)}/domains/${part(name)}`);
    },
  );
}

const withEdits = (command: Command): Command =>
  command
    .option('--separators <characters>', 'what begins a subaddress, as + in user+tag; "" for none')
    .option('--legacy-addresses', 'addresses like a..b and a. may be made (old Japanese mobile ones)')
    .option('--mta-sts <mode>', 'its MTA-STS policy: none, testing or enforce; "" for that of the settings')
    .option('--bimi-logo <url>', 'the logo that mailers may show beside its mail; "" for none');

const edits = ({ separators, legacyAddresses, mtaSts, bimiLogo }: DomainOptions) => ({
  ...(mtaSts === undefined ? {} : { mtaSts }),
  ...(bimiLogo === undefined ? {} : { bimiLogo }),
  ...(separators === undefined ? {} : { separators }),
  ...(legacyAddresses === undefined ? {} : { legacyLocalParts: legacyAddresses }),
});

function show(desk: Desk, domain: Domain): void {
  const { name, unicodeName, org, aliasOf, separators, catchAll, legacyLocalParts, caseSensitive } = domain;
  const { mtaSts, bimiLogo } = domain;
  desk.print(
    domain,
    facts([
      ['domain', unicodeName],
      ['in DNS', name === unicodeName ? '' : name],
      ['organisation', org],
      ['alias of', aliasOf],
      ['subaddresses after', Array.from(separators).join(' ')],
      ['catch-all', catchAll === '' ? 'none: mail for unknown addresses is refused' : catchAll],
      ['addresses like a..b', legacyLocalParts ? 'may be made' : ''],
      ['Alice and alice', caseSensitive ? 'are two' : ''],
      ['MTA-STS', mtaSts],
      ['BIMI logo', bimiLogo],
      ['made', timeText(domain.createdAtMs)],
    ]),
  );
}
