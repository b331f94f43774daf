/**
 * Provider groups: receivers that are many sites and one operator, and so share limits. A site is of a provider when every one of its mail servers
 * is; before its servers are known, or where a route leads elsewhere, its domain tells.
 */
export interface Provider {
  readonly name: string;
  readonly title: string;
  /** Names of mail servers; `.x` is all below `x`. */
  readonly hosts: readonly string[];
  /** `x.*` is any ending. */
  readonly domains: readonly string[];
  /** Takes mail for mobile phones: replies are read by its own rules. */
  readonly carrier?: true;
}

const p = (
  name: string,
  title: string,
  { hosts, domains = [], carrier }: { hosts: readonly string[]; domains?: readonly string[]; carrier?: true },
): Provider => ({ name, title, hosts, domains, ...(carrier && { carrier }) });

export const providers: readonly Provider[] = [
  p('google', 'Google', {
    hosts: ['.google.com', '.googlemail.com'],
    domains: ['gmail.com', 'googlemail.com'],
  }),
  p('microsoft', 'Microsoft', {
    hosts: ['.outlook.com', '.mx.microsoft', '.hotmail.com'],
    domains: ['outlook.com', 'outlook.jp', 'hotmail.*', 'live.*', 'msn.com'],
  }),
  p('yahoo', 'Yahoo', {
    hosts: ['.yahoodns.net'],
    domains: ['yahoo.com', 'ymail.com', 'rocketmail.com', 'aol.com', 'yahoo.co.uk', 'yahoo.fr', 'yahoo.de'],
  }),
  p('apple', 'Apple', {
    hosts: ['.mail.icloud.com', '.me.com'],
    domains: ['icloud.com', 'me.com', 'mac.com'],
  }),
  p('yahoo-japan', 'Yahoo! JAPAN', {
    hosts: ['.mail.yahoo.co.jp', '.yahoo.co.jp'],
    domains: ['yahoo.co.jp', 'ybb.ne.jp'],
  }),
  p('docomo', 'NTT docomo', {
    hosts: ['.docomo.ne.jp'],
    domains: ['docomo.ne.jp', 'mopera.net'],
    carrier: true,
  }),
  p('au', 'au (KDDI)', {
    hosts: ['.ezweb.ne.jp', '.au.com', '.auone-net.jp', '.uqmobile.jp'],
    domains: ['au.com', 'ezweb.ne.jp', '.ezweb.ne.jp', 'uqmobile.jp', 'ido.ne.jp'].concat(
      ['tkk', 'tkc', 'tu-ka'].map((old) => `sky.${old}.ne.jp`),
    ),
    carrier: true,
  }),
  p('softbank', 'SoftBank, Y!mobile', {
    hosts: [
      '.softbank.ne.jp',
      '.i.softbank.jp',
      '.softbank.jp',
      '.vodafone.ne.jp',
      '.ymobile.ne.jp',
      '.willcom.com',
    ],
    domains: ['softbank.ne.jp', 'i.softbank.jp', 'ymobile.ne.jp', 'ymobile1.ne.jp', 'y-mobile.ne.jp']
      .concat('dhtcrknsq'.split('').flatMap((area) => [`${area}.vodafone.ne.jp`, `jp-${area}.ne.jp`]))
      .concat(['disney.ne.jp', 'emnet.ne.jp', 'willcom.com', '.willcom.com', 'pdx.ne.jp', '.pdx.ne.jp']),
    carrier: true,
  }),
  p('rakuten', 'Rakuten Mobile', {
    hosts: ['.rakuten.jp', '.rakumail.jp', '.rakuten-mobile.jp'],
    domains: ['rakuten.jp', 'rakumail.jp'],
    carrier: true,
  }),
  p('proofpoint', 'Proofpoint', { hosts: ['.pphosted.com', '.ppe-hosted.com'] }),
  p('mimecast', 'Mimecast', { hosts: ['.mimecast.com', '.mimecast.co.za'] }),
  p('barracuda', 'Barracuda', { hosts: ['.barracudanetworks.com'] }),
  p('cisco', 'Cisco Secure Email', { hosts: ['.iphmx.com'] }),
  p('trendmicro', 'Trend Micro', { hosts: ['.trendmicro.eu', '.trendmicro.com', '.trendmicro.co.jp'] }),
  p('fastmail', 'Fastmail', { hosts: ['.messagingengine.com'] }),
  p('proton', 'Proton', { hosts: ['.protonmail.ch'] }),
  p('zoho', 'Zoho', { hosts: ['.zoho.com', '.zoho.eu', '.zoho.in'] }),
  p('godaddy', 'GoDaddy', { hosts: ['.secureserver.net'] }),
  p('rackspace', 'Rackspace', { hosts: ['.emailsrvr.com'] }),
  p('amazon', 'Amazon', { hosts: ['.amazonaws.com'] }),
  p('ovh', 'OVHcloud', { hosts: ['.ovh.net'] }),
  p('ionos', 'IONOS', { hosts: ['.kundenserver.de', '.ionos.com', '.ionos.de', '.1and1.com'] }),
  p('gmx', 'GMX and WEB.DE', { hosts: ['.gmx.net', '.web.de'], domains: ['gmx.*', 'web.de'] }),
  p('yandex', 'Yandex', { hosts: ['.yandex.net', '.yandex.ru'] }),
  p('mailru', 'Mail.ru', { hosts: ['.mail.ru'] }),
  p('tencent', 'Tencent', { hosts: ['.qq.com'], domains: ['qq.com', 'foxmail.com'] }),
  p('netease', 'NetEase', { hosts: ['.netease.com', '.163.com'], domains: ['163.com', '126.com'] }),
  p('sakura', 'Sakura Internet', { hosts: ['.sakura.ne.jp'] }),
  p('xserver', 'Xserver', { hosts: ['.xserver.jp', '.sv.xserver.jp'] }),
  p('gmo', 'GMO (Lolipop, Onamae)', {
    hosts: ['.lolipop.jp', '.gmoserver.jp', '.onamae.ne.jp', '.heteml.jp'],
  }),
  p('kagoya', 'Kagoya', { hosts: ['.kagoya.net', '.kagoya.com'] }),
  p('ocn', 'OCN', { hosts: ['.ocn.ne.jp', '.ocn.ad.jp'], domains: ['ocn.ne.jp', '.ocn.ne.jp'] }),
  p('nifty', 'Nifty', { hosts: ['.nifty.com'], domains: ['nifty.com'] }),
  p('biglobe', 'Biglobe', { hosts: ['.biglobe.ne.jp'], domains: ['biglobe.ne.jp', '.biglobe.ne.jp'] }),
  p('jcom', 'J:COM', {
    hosts: ['.jcom.ne.jp', '.zaq.ne.jp', '.jcom.zaq.ne.jp'],
    domains: ['jcom.*', '.zaq.ne.jp'],
  }),
  p('so-net', 'So-net', { hosts: ['.so-net.ne.jp'], domains: ['so-net.ne.jp', '.so-net.ne.jp'] }),
];

const byName = new Map(providers.map((one) => [one.name, one]));

export const providerNamed = (name: string): Provider | undefined => byName.get(name);

/** Whether a name is what a pattern says: itself, `.x` for all below `x`, `x.*` for `x` with any ending. */
export function nameFits(pattern: string, name: string): boolean {
  if (pattern.startsWith('.')) return name.endsWith(pattern);
  if (pattern.endsWith('.*')) return name.startsWith(pattern.slice(0, -1));
  return name === pattern;
}

const hostOf = (host: string): string | undefined =>
  providers.find((one) => one.hosts.some((pattern) => nameFits(pattern, host)))?.name;

/** Name of the provider, or `''`. */
export function providerOf(hosts: readonly string[], domain: string): string {
  if (hosts.length > 0) {
    const first = hostOf(hosts[0]!);
    if (first !== undefined) return hosts.every((host) => hostOf(host) === first) ? first : '';
  }
  return providers.find((one) => one.domains.some((pattern) => nameFits(pattern, domain)))?.name ?? '';
}
