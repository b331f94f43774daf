/**
 * How providers of access name the addresses of their customers: by the end of the name, and by its beginning where one domain names both lines of
 * customers and servers. From what the providers publish and what their lines are called in the logs of mail servers.
 */

export interface ProviderName {
  /** The name ends so, below it or itself. */
  readonly suffix: string;
  /** What stands before the suffix; absent: anything. */
  readonly host?: RegExp;
  readonly is: 'dynamic' | 'fixed';
}

const dynamic = (...suffixes: string[]): ProviderName[] =>
  suffixes.map((suffix) => ({ suffix, is: 'dynamic' }));
const fixed = (...suffixes: string[]): ProviderName[] => suffixes.map((suffix) => ({ suffix, is: 'fixed' }));

/** The first that fits. What is more special comes first. */
export const providerNames: readonly ProviderName[] = [
  // Japan: lines with an address for good, by the names that the same providers give them.
  ...fixed('static.arena.ne.jp', 'fixed.plala.or.jp', 'static.commufa.jp', 'static.ucom.ne.jp'),
  ...fixed('bit-drive.ne.jp', 'static.zoot.jp', 'static.usen.ad.jp', 'static.ctc.jp'),
  // NTT group
  { suffix: 'ocn.ne.jp', host: /^p\d+-\w+\.[a-z]+$/, is: 'dynamic' },
  ...dynamic('ap.plala.or.jp', 'spmode.ne.jp', 'mopera.net', 'v4.enabler.ne.jp'),
  // KDDI group
  ...dynamic('ppp.dion.ne.jp', 'ppp-bb.dion.ne.jp', 'au-net.ne.jp', 'uqwimax.jp', 'ezweb.ne.jp'),
  ...dynamic('mesh.ad.jp', 'rev.home.ne.jp', 'rev.zaq.ne.jp', 'zaq.ne.jp', 'commufa.jp'),
  // SoftBank group
  { suffix: 'bbtec.net', host: /^(softbank|yahoobb)\d/, is: 'dynamic' },
  ...dynamic(
    'openmobile.ne.jp',
    'access-internet.ne.jp',
    'panda-world.ne.jp',
    'odn.ad.jp',
    'pcsitebrowser.ne.jp',
  ),
  // Others
  ...dynamic('ap.so-net.ne.jp', 'ap.nuro.jp', 'ppp.infoweb.ne.jp', 'ppp.asahi-net.or.jp', 'ap.gmo-access.jp'),
  ...dynamic('mvno.rakuten.jp', 'rakutenmobile.jp', 'vmobile.jp', 'bmobile.ne.jp', 'ap.yournet.ne.jp'),
  ...dynamic('eonet.ne.jp', 'itscom.jp', 'bbiq.jp', 'megaegg.ne.jp', 'pikara.ne.jp', 'tokai.or.jp'),
  ...dynamic('ap.wakwak.ne.jp', 'ap.tnc.ne.jp', 'ap.seikyou.ne.jp', 'tees.ne.jp', 'kcn-tv.ne.jp'),
  ...dynamic('starcat.ne.jp', 'thn.ne.jp', 'ccnw.ne.jp', 'ncv.ne.jp', 'tokyo-ip.dti.ne.jp', 'hi-ho.ne.jp'),
  // Points of access of any provider: HOST.PLACE.ap.PROVIDER.ne.jp
  { suffix: 'ne.jp', host: /\.(ap|ppp\d*|catv|dy)\.[a-z0-9-]+$/, is: 'dynamic' },
  { suffix: 'or.jp', host: /\.(ap|ppp\d*|catv|dy)\.[a-z0-9-]+$/, is: 'dynamic' },
  { suffix: 'ad.jp', host: /\.(ap|ppp\d*|catv|dy)\.[a-z0-9-]+$/, is: 'dynamic' },

  // North America
  ...fixed('comcastbusiness.net', 'biz.rr.com', 'biz.spectrum.com', 'static.sbcglobal.net'),
  { suffix: 'comcast.net', host: /\.hsd1\.|^c-\d+-\d+-\d+-\d+/, is: 'dynamic' },
  { suffix: 'verizon.net', host: /^pool-/, is: 'dynamic' },
  { suffix: 'myfiosgateway.com', is: 'dynamic' },
  ...dynamic('res.rr.com', 'res.spectrum.com', 'myvzw.com', 'mycingular.net', 'hsia.telus.net'),
  { suffix: 'cox.net', host: /^(ip|wsip)?\d/, is: 'dynamic' },
  { suffix: 'rr.com', host: /^cpe-/, is: 'dynamic' },
  { suffix: 'sbcglobal.net', host: /(lightspeed|dsl)\./, is: 'dynamic' },
  ...dynamic('cable.rogers.com', 'dsl.bell.ca', 'dyn.optonline.net', 'mycingular.com', 'tmodns.net'),
  ...dynamic('prod-infinitum.com.mx', 'frontiernet.net', 'dyn.centurytel.net', 'dyn.suddenlink.net'),
  { suffix: 'optonline.net', host: /^ool-/, is: 'dynamic' },
  { suffix: 'shawcable.net', is: 'dynamic' },
  { suffix: 'videotron.ca', host: /^modemcable|\.mc\./, is: 'dynamic' },

  // Europe
  ...fixed('staticip.rima-tde.net', 'business.telecomitalia.it', 'static.versatel.nl'),
  ...dynamic('dip0.t-ipconnect.de', 'dip.t-ipconnect.de', 'dip0.t-ipnet.de', 'pools.vodafone-ip.de'),
  ...dynamic('arcor-ip.net', 'dyn.telefonica.de', 'dip.versatel-1u1.de', 'versanet.de', 'um.vodafone-ip.de'),
  ...dynamic(
    'unitymediagroup.de',
    'kabel-deutschland.de',
    'kabel-badenwuerttemberg.de',
    'ewe-ip-backbone.de',
  ),
  ...dynamic('abo.wanadoo.fr', 'abo.bbox.fr', 'fbx.proxad.net', 'rev.numericable.fr', 'rev.sfr.net'),
  ...dynamic('btcentralplus.com', 'cable.virginm.net', 'bb.sky.com', 'dyn.plus.net', 'threembb.co.uk'),
  ...dynamic(
    'retail.telecomitalia.it',
    'dynamicip.rima-tde.net',
    'user.ono.com',
    'fastwebnet.it',
    'vodafonedsl.it',
  ),
  ...dynamic('dynamic.ziggo.nl', 'cable.dynamic.v4.ziggo.nl', 'hsi.kpn.net', 'dsl.ip.tiscali.nl'),
  ...dynamic('cust.bluewin.ch', 'adslplus.ch', 'cust.swisscom.ch', 'dyn.cablecom.ch', 'cust.tele2.se'),
  ...dynamic('cust.telenor.se', 'bredband.comhem.se', 'dynamic.telemach.net', 'dynamic.chello.pl'),
  ...dynamic('neoplus.adsl.tpnet.pl', 'dynamic.gprs.plus.pl', 'dynamic.mm.pl', 'catv.broadband.hu'),
  ...dynamic(
    'dynamic.upc.hu',
    'pool.digikabel.hu',
    'dynamic.t-online.hu',
    'rdsnet.ro',
    'dynamic.ttnet.com.tr',
  ),
  ...dynamic(
    'dynamic.otenet.gr',
    'access.hol.gr',
    'dsl.dyn.forthnet.gr',
    'pppoe.mtu-net.ru',
    'broadband.corbina.ru',
  ),

  // Asia and Oceania
  { suffix: 'hinet-ip.hinet.net', is: 'fixed' },
  { suffix: 'dynamic-ip.hinet.net', is: 'dynamic' },
  { suffix: 'hinet.net', host: /\.dynamic/, is: 'dynamic' },
  { suffix: '163data.com.cn', host: /dynamic|broad/, is: 'dynamic' },
  ...dynamic('adsl-pool.sx.cn', 'revip.asianet.co.th', 'dynamic.totinternet.net', 'dynamic.3bb.co.th'),
  // Named static by their provider, each and all of them: they say nothing.
  ...dynamic('static.vnpt.vn', 'static.vdc.vn', 'dynamic.vdc.vn', 'viettel.vn'),
  ...dynamic(
    'dynamic.pldt.net',
    'dsl.net.pk',
    'airtelbroadband.in',
    'fm.dyn.netvigator.com',
    'netvigator.com',
  ),
  ...dynamic(
    'dyn.iinet.net.au',
    'bigpond.net.au',
    'static.tpgi.com.au',
    'adsl.xtra.co.nz',
    'cable.vodafone.co.nz',
  ),

  // South America and Africa
  ...dynamic('dsl.telesp.net.br', 'user.veloxzone.com.br', 'virtua.com.br', 'user3p.brasiltelecom.net.br'),
  ...dynamic('gvt.net.br', 'dynamic.adsl.gvt.net.br', 'cable.net.co', 'fibertel.com.ar', 'speedy.com.ar'),
  ...dynamic('dsl.telkomsa.net', 'dynamic.tedata.net', 'dynamic.mweb.co.za'),
];
