/** What the words of a host name say of the line behind it. */

/** No server is called so: a number beside it is enough. */
const linesOnly =
  /^(dyn|dynamic|dynip|dynamicip|dhcp\w*|ppp|pppoe|pppox|adsl\w*|vdsl|xdsl|dsl|dialup|dialin|dial|dip|catv|cable|ftth|fttx|fttb|flets|bflets|hsd|hsi|gprs|umts|wimax|docsis|modem|modemcable|lightspeed|fios|cgn|cgnat)$/;
/** Servers may be called so as well: only beside the address itself. */
const linesPerhaps =
  /^(pool|pools|ip|cust|customer|customers|client|clients|user|users|home|res|resid|residential|retail|abo|broadband|bb|mobile|mob|lte|wifi|wlan|nat|rev|revip|host|cpe|cm|node|net|cli|kd|pc|fiber|fibre|fl)$/;
/** An address that stays, or a server by its name. */
const fixedWords =
  /^(static|staticip|fixed|fix|fixip|sta|stat|business|biz|corp|enterprise|dedicated|colo|colocation|server|servers|srv|vps|vm|cloud|compute|hosting|hosted|idc|dc|datacenter|mail|mails|mailer|mailout|mx|mxout|smtp|smtpout|mta|relay|outbound|out|postfix|exchange|newsletter|bounce|lists?)$/;

export interface NameWords {
  readonly linesOnly: string | undefined;
  readonly linesPerhaps: string | undefined;
  readonly fixed: string | undefined;
}

/** `host`: without the part that somebody registered, whose words are anybody's choice. */
export function wordsOf(host: string): NameWords {
  const words = host.toLowerCase().match(/[a-z]+/g) ?? [];
  const find = (pattern: RegExp): string | undefined => words.find((word) => pattern.test(word));
  return { linesOnly: find(linesOnly), linesPerhaps: find(linesPerhaps), fixed: find(fixedWords) };
}
