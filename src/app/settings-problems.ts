/**
 * What a settings file says that its schema cannot judge and that would fail only when the server runs: addresses, networks, domains, hosts and
 * records that are none, and files that are not there. All of it at once.
 */
import type { Problem } from '../config/read.ts';
import type { Settings } from '../config/schema.ts';
import { parseAddress, parseBlock } from '../net/address-block.ts';
import { parseServiceAddress } from '../net/service-dial.ts';
import { parseSyslogServer } from '../net/syslog-sender.ts';
import { createZone } from '../net/zone.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import { dnsServer } from './dns-server.ts';
import { lineLists } from './line-lists.ts';
import { certificateProblems } from './machine.ts';
import { readAuthorities, routeHost } from './part-options.ts';
import { shapingProblems } from './shaping.ts';
import { wrongAddresses } from './settings-addresses.ts';

export function partProblems(settings: Settings): readonly Problem[] {
  return [
    ...placeProblems(settings),
    ...zoneProblems(settings),
    ...fileProblems(settings),
    ...wrongAddresses(settings).map(({ setting: path, address, why }) => ({
      path,
      text: `${why}: ${address}`,
    })),
    ...tried('ip25b', () => lineLists(settings)),
    ...shapingProblems(settings),
  ];
}

type Text = readonly [path: string, text: string];

const each = (path: string, texts: readonly string[]): Text[] =>
  texts.map((text, i) => [`${path}.${i}`, text]);

function placeProblems(settings: Settings): Problem[] {
  const { listeners, routes, tlsRules, delivery, dns, clamav, spamassassin, rspamd, milters, filters } =
    settings;
  const { authentication, events } = settings;
  const networks = listeners.flatMap(({ proxyFrom, trustedNetworks }, i) => [
    ...each(`listeners.${i}.proxyFrom`, proxyFrom),
    ...each(`listeners.${i}.trustedNetworks`, trustedNetworks),
  ]);
  networks.push(...each('filters.exemptNetworks', filters.exemptNetworks));
  networks.push(...each('webhooks.allow', settings.webhooks.allow));
  networks.push(...each('authentication.gateways', authentication.gateways));
  const addresses = [
    ...each('delivery.localAddresses', delivery.localAddresses),
    ...each('delivery.ownAddresses', delivery.ownAddresses),
    ...routes.flatMap((route, i) => each(`routes.${i}.localAddresses`, route.localAddresses)),
  ];
  const domains: Text[] = [
    ...routes.flatMap(({ domain, senders }, i): Text[] => [
      [`routes.${i}.domain`, domain],
      ...each(`routes.${i}.senders`, senders),
    ]),
    ...tlsRules.map(({ domain }, i): Text => [`tlsRules.${i}.domain`, domain]),
  ];
  const services: Text[] = [
    ...Object.entries({ clamav, spamassassin, rspamd })
      .filter(([, { address }]) => address !== '')
      .map(([name, { address }]): Text => [`${name}.address`, address]),
    ...milters.map(({ address }, i): Text => [`milters.${i}.address`, address]),
  ];
  const names = milters.map(({ name }, i): Text => [`milters.${i}.name`, name]);
  const hosts = routes.flatMap((route, i) => each(`routes.${i}.hosts`, route.hosts));
  return [
    ...wrong(networks, (text) => parseBlock(text) !== undefined, 'is no IP address or network'),
    ...wrong(addresses, (text) => parseAddress(text) !== undefined, 'is no IP address'),
    ...wrong(each('dns.servers', dns.servers), isServer, 'is neither IP address nor ip:port'),
    ...wrong(
      services,
      (text) => parseServiceAddress(text) !== undefined,
      'is neither unix:/path nor host:port',
    ),
    ...wrong(
      [['events.shipTo', events.shipTo]],
      (text) => !text.includes('://') || parseSyslogServer(text) !== undefined,
      'is neither a file nor syslog+tls://host:port or syslog+tcp://host:port',
    ),
    ...wrong(names, (text) => /^[A-Za-z0-9-]{1,60}$/.test(text), 'has more than letters, digits and -'),
    ...wrong(domains, isDomain, 'is no domain'),
    ...wrong(hosts, isHost, 'is neither host nor host:port'),
  ];
}

const wrong = (texts: readonly Text[], isRight: (text: string) => boolean, why: string): Problem[] =>
  texts.filter(([, text]) => !isRight(text)).map(([path, text]) => ({ path, text: `${why}: ${text}` }));

const isServer = (text: string): boolean => parseAddress(dnsServer(text, false).ip) !== undefined;

/** Also `*`, and `*.example.jp` for all below one. */
const isDomain = (text: string): boolean =>
  text === '*' || domainToAscii(text.replace(/^\*\./, '')) !== undefined;

/** A colon that is left in the name of a host belongs to an IPv6 address. */
function isHost(text: string): boolean {
  const { host, port = 1 } = routeHost(text);
  return (!host.includes(':') || parseAddress(host) !== undefined) && port >= 1 && port <= 65_535;
}

function zoneProblems({ dns }: Settings): Problem[] {
  return dns.zone.flatMap((record, i) => tried(`dns.zone.${i}`, () => createZone({ records: [record] })));
}

function fileProblems({ hostname, tls, delivery }: Settings): Problem[] {
  const certificates = tls.certificates.flatMap((files, i) =>
    certificateProblems(files, hostname).flatMap((problem): Problem[] => {
      const path = `tls.certificates.${i}`;
      if (problem.is === 'unreadable') return [{ path, text: `${problem.file}: ${problem.why}` }];
      return problem.is === 'otherKey' ? [{ path, text: 'the key is not that of the certificate' }] : [];
    }),
  );
  const authorities: Text[] = [
    ['delivery.authorities', delivery.authorities],
    ['tls.acme.authorities', tls.acme.authorities],
  ];
  const named = authorities.filter(([, file]) => file !== '');
  return [...certificates, ...named.flatMap(([path, file]) => tried(path, () => readAuthorities(file)))];
}

function tried(path: string, run: () => unknown): Problem[] {
  try {
    run();
    return [];
  } catch (error) {
    return [{ path, text: (error as Error).message }];
  }
}
