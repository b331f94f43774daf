/**
 * OP25B for the operator of a network, as rules of nftables: customers do not reach port 25 of the world (RFC 5068, 3), save for exceptions and the
 * operator's own mail servers; ports 587 and 465 stay open (RFC 6409, 8314). Text only: nothing is loaded here.
 *
 * - Only what opens a connection is looked at (SYN alone). So no connection tracking is needed, as on routers that see one direction only, and what
 *   is open when the rules are loaded goes on.
 * - The whole is one transaction that takes the place of an earlier one: there is no moment without rules. What was counted begins anew.
 * - Our chain refuses or says nothing: what it lets pass is still the matter of all other tables.
 */
import { blockContains, formatBlock, type AddressBlock } from '../net/address-block.ts';

export interface FirewallOptions {
  readonly table: string;
  readonly customers: readonly AddressBlock[];
  /** Customers who may use port 25, such as those with an address of their own for good. */
  readonly exceptions: readonly AddressBlock[];
  /** The operator's mail servers, which every customer reaches at port 25. */
  readonly mailServers: readonly AddressBlock[];
  /** `reset` and `prohibited` let programs fail at once; `drop` leaves them waiting. */
  readonly answer: 'reset' | 'prohibited' | 'drop';
  /** Interfaces of the customers; none is all. */
  readonly interfaces: readonly string[];
  /** The first attempt of each customer in an hour. */
  readonly log: boolean;
}

/** What the rules say of themselves to whoever reads them: lines without `#`. */
export interface FirewallComments {
  readonly head: (table: string) => readonly string[];
  readonly replaced: string;
  readonly customers: string;
  readonly exceptions: string;
  readonly mailServers: string;
  readonly refused: string;
  readonly logged: string;
}

export const answers: readonly FirewallOptions['answer'][] = ['reset', 'prohibited', 'drop'];

/** At most so many customers are told apart; further ones are still refused and counted together. */
const sourcesMax = 65_535;

interface Family {
  readonly version: 4 | 6;
  readonly type: string;
  readonly source: string;
  readonly destination: string;
  /** What counts as one customer: an address, or the /64 around it. */
  readonly customer: string;
}

const families: readonly Family[] = [
  { version: 4, type: 'ipv4_addr', source: 'ip saddr', destination: 'ip daddr', customer: 'ip saddr' },
  {
    version: 6,
    type: 'ipv6_addr',
    source: 'ip6 saddr',
    destination: 'ip6 daddr',
    customer: 'ip6 saddr and ffff:ffff:ffff:ffff::',
  },
];

const refusals: Readonly<Record<FirewallOptions['answer'], string>> = {
  reset: 'reject with tcp reset',
  prohibited: 'reject with icmpx type admin-prohibited',
  drop: 'drop',
};

export function firewallRules(options: FirewallOptions, comments: FirewallComments): string {
  const { table } = options;
  const body = [
    ...addressSets('customers', options.customers, comments.customers),
    ...addressSets('exceptions', options.exceptions, comments.exceptions),
    ...addressSets('mail_servers', options.mailServers, comments.mailServers),
    ...sourceSets('refused', '1d', ' counter;', comments.refused),
    ...(options.log ? sourceSets('logged', '1h', '', comments.logged) : []),
    ...['passed_exceptions', 'passed_mail_servers', 'refused'].flatMap((name) =>
      families.map(({ version }) => `  counter ${name}_v${version} { }`),
    ),
    '',
    ...forwardChain(options),
    ...families.flatMap((family) => ['', ...customerChain(family, options)]),
  ];
  return [
    ...comments.head(table).map((line) => (line === '' ? '#' : `# ${line}`)),
    '',
    `# ${comments.replaced}`,
    `table inet ${table}`,
    `delete table inet ${table}`,
    '',
    `table inet ${table} {`,
    ...body,
    '}',
    '',
  ].join('\n');
}

function addressSets(name: string, blocks: readonly AddressBlock[], comment: string): string[] {
  const sets = families.flatMap(({ version, type }) => {
    const own = blocks.filter(({ family }) => family === version).map(formatBlock);
    return [
      `  set ${name}_v${version} {`,
      `    type ${type}`,
      '    flags interval',
      '    auto-merge',
      ...(own.length === 0 ? [] : ['    elements = {', ...own.map((block) => `      ${block},`), '    }']),
      '  }',
    ];
  });
  return [`  # ${comment}`, ...sets, ''];
}

function sourceSets(name: string, timeout: string, counter: string, comment: string): string[] {
  const sets = families.map(
    ({ version, type }) =>
      `  set ${name}_sources_v${version} { type ${type}; size ${sourcesMax}; flags dynamic,timeout; timeout ${timeout};${counter} }`,
  );
  return [`  # ${comment}`, ...sets, ''];
}

/** A little before the usual filters, which may well accept. */
function forwardChain({ interfaces }: FirewallOptions): string[] {
  const from =
    interfaces.length === 0 ? '' : `iifname { ${interfaces.map((name) => `"${name}"`).join(', ')} } `;
  const opening = `${from}tcp dport 25 tcp flags & (fin|syn|rst|ack) == syn`;
  return [
    '  chain forward {',
    '    type filter hook forward priority filter - 5; policy accept;',
    ...families.map(
      ({ version, source }) => `    ${opening} ${source} @customers_v${version} jump customers_v${version}`,
    ),
    '  }',
  ];
}

function customerChain(
  { version, source, destination, customer }: Family,
  options: FirewallOptions,
): string[] {
  const v = `v${version}`;
  const logging = [
    `    ${customer} != @logged_sources_${v} add @logged_sources_${v} { ${customer} } log prefix "OP25B " level info`,
  ];
  return [
    `  chain customers_${v} {`,
    `    ${source} @exceptions_${v} counter name passed_exceptions_${v} return`,
    `    ${destination} @mail_servers_${v} counter name passed_mail_servers_${v} return`,
    `    update @refused_sources_${v} { ${customer} }`,
    ...(options.log ? logging : []),
    `    counter name refused_${v} ${refusals[options.answer]}`,
    '  }',
  ];
}

/** Exceptions to nothing: no network of customers holds them, so they are slips or left over. */
export function idleExceptions({ customers, exceptions }: FirewallOptions): readonly string[] {
  const held = ({ bits, family, prefix }: AddressBlock): boolean => {
    const first = formatBlock({ bits, family, prefix: family === 4 ? 32 : 128 });
    return customers.some((network) => network.prefix <= prefix && blockContains(network, first));
  };
  return exceptions.filter((exception) => !held(exception)).map(formatBlock);
}
