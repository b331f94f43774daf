import { InvalidArgumentError, type Command } from 'commander';
import type { DnsAnswer } from '../../app/admin-answers.ts';
import { Desk, part, withJson } from '../desk.ts';
import { languageOption, type Language } from '../language.ts';
import { table } from '../table.ts';
import { dnsWords, type DnsWords } from '../words/dns.ts';

type Checked = DnsAnswer['records'][number];

interface DnsOptions {
  readonly zone?: boolean;
  readonly check: boolean;
  readonly language: Language;
}

/** A key is longer than any terminal: tables show its beginning. */
const shownMax = 60;

export function addDns(program: Command): void {
  withJson(program.command('dns <domain>'))
    .description('the DNS records that a domain needs, held against what its name servers have')
    .option('--zone', 'as lines of a zone file, to be pasted')
    .option('--no-check', 'do not ask the name servers')
    .addOption(languageOption())
    .action(async (name: string, options: DnsOptions, command: Command) => {
      if (name.includes('@')) throw new InvalidArgumentError('a domain has no @');
      const desk = new Desk(command);
      const { org } = await desk.domain(name);
      const path = `/orgs/${part(org)}/domains/${part(name)}/dns?check=${String(options.check)}`;
      const answer = await desk.send<DnsAnswer>('GET', path);
      const words = dnsWords[options.language];
      desk.print(answer, options.zone === true ? [answer.zone.trimEnd()] : dnsLines(answer, words));
    });
}

export function dnsLines({ records }: DnsAnswer, words: DnsWords): string[] {
  const marks: Readonly<Record<Checked['status'], string>> = {
    ok: '✔',
    missing: '✖',
    different: '✖',
    unknown: '?',
    unchecked: '·',
  };
  const rows = table(records, [
    {
      title: '',
      of: ({ status, record }) => (isToDo({ status, record }) ? marks[status] : status === 'ok' ? '✔' : '·'),
    },
    { title: words.columns.status, of: ({ status }) => words.statuses[status] },
    {
      title: words.columns.record,
      of: ({ record }) => `${record.name} ${record.type} ${shortened(record.data)}`,
    },
    { title: words.columns.purpose, of: ({ record }) => words.purposes[record.purpose] },
  ]);
  return [...rows, ...records.flatMap((record) => details(record, words)), '', ...summary(records, words)];
}

const shortened = (text: string): string =>
  text.length <= shownMax ? text : `${text.slice(0, shownMax - 1)}…`;

const isToDo = ({ status, record }: Pick<Checked, 'status' | 'record'>): boolean =>
  record.need !== 'optional' && status !== 'ok' && status !== 'unchecked';

/** Of a record that is not as it should be: exactly what is there, and what should be. */
function details(checked: Checked, words: DnsWords): string[] {
  const { record, status, unexpected, notes, servers, spfLookups } = checked;
  const lines = notes.map((note) => words.notes[note]);
  if (status === 'different') {
    lines.push(...unexpected.map((text) => `${words.found}: ${text}`), `${words.shouldBe}: ${record.data}`);
  } else if (status === 'missing' && record.data.length > shownMax)
    lines.push(`${words.shouldBe}: ${record.data}`);
  if (spfLookups !== undefined && spfLookups > 0) lines.push(words.lookups(spfLookups));
  for (const { server, records, problem } of servers)
    lines.push(
      records === undefined
        ? words.silent(server, problem)
        : words.says(server, records.join('; ') || words.none),
    );
  if (lines.length === 0 || (status === 'missing' && record.need === 'optional')) return [];
  return [
    '',
    `${record.name} ${record.type} (${words.purposes[record.purpose]})`,
    ...lines.map((line) => `  ${line}`),
  ];
}

function summary(records: readonly Checked[], words: DnsWords): string[] {
  const toDo = records.filter(isToDo);
  const required = toDo.filter(({ record }) => record.need === 'required').length;
  if (records.every(({ status }) => status === 'unchecked')) return [];
  return [toDo.length === 0 ? words.allFine : words.toDo(required, toDo.length - required)];
}
