/** What happens to mail for an address, in words. */
import type { NextHop } from '../../delivery/next-hop.ts';
import type { Explanation, ExplainedStep } from '../../directory/explanation.ts';

export type Language = 'en' | 'ja';

/** What is known of where a step leads to, besides the step. */
export interface Beyond {
  /** Of an account. */
  readonly usage?: { readonly usedBytes: number; readonly limitBytes: number };
  /** Of an address elsewhere. */
  readonly nextHop?: NextHop;
}

type Is<K extends ExplainedStep['is']> = Extract<ExplainedStep, { is: K }>;

interface Words {
  verdict(verdict: Explanation['verdict'], asked: string): string;
  rewritten(step: Is<'rewritten'>): string;
  aliasDomain(step: Is<'aliasDomain'>): string;
  responsible(step: Is<'responsible'>): string;
  leadsTo(
    kind: 'alias' | 'group' | 'forward' | 'catchAll' | 'returnPath' | 'hook',
    to: readonly string[],
  ): string;
  account(step: Is<'account'>, room: string): string;
  room(used: string, limit: string | undefined, full: boolean): string;
  disabled(step: Is<'disabled'>): string;
  remote(domain: string, hop: string): string;
  hop(hop: NextHop): string;
  unknown: string;
  otherOrg: string;
  again: string;
  tooDeep: string;
  tooMany: string;
  noAddress: string;
}

/** Members of a group that are listed in its line: each has a line of its own below. */
const listedMax = 5;

const en: Words = {
  verdict: (verdict, asked) =>
    ({
      taken: `Mail for ${asked} is taken.`,
      relayed: `${asked} is not one of our addresses: its mail is taken from our own users only, and sent on. Other servers are told 550 5.7.1.`,
      unknown: `Mail for ${asked} is refused: 550 5.1.1, no such mailbox here.`,
      disabled: `Mail for ${asked} is refused: 550 5.2.1, the mailbox is switched off.`,
      otherOrg: `${asked} belongs to another organisation of this server.`,
      loop: `Mail for ${asked} is refused: 554 5.4.6, it leads to itself.`,
      notAnAddress: `${asked} is not an address.`,
    })[verdict],
  rewritten: ({ to }) => `is rewritten to ${to} by a rule for incoming mail`,
  aliasDomain: ({ to }) => `is the same as ${to}: its domain is an alias of that one`,
  responsible: ({ to }) => `is nobody's own, and goes to who is responsible: ${to}`,
  leadsTo: (kind, to) => {
    const whom = list(to, (more) => ` and ${more} more`, 'nobody');
    return {
      alias: `is an alias of ${whom}`,
      group: `is a group of ${to.length}: ${whom}`,
      forward: `is forwarded to ${whom}`,
      catchAll: `has no mailbox: the catch-all of its domain takes the mail, ${whom}`,
      returnPath: `stands for the sender of mail that was sent on (SRS): bounces go back to ${whom}`,
      hook: 'is handed to a program over HTTP',
    }[kind];
  },
  account: ({ name, detail, copy }, room) =>
    [
      copy ? `leaves a copy in the mailbox of ${name}` : `is stored in the mailbox of ${name}`,
      ...(detail === '' ? [] : [`subaddress "${detail}"`]),
      ...(room === '' ? [] : [room]),
    ].join(', '),
  room: (used, limit, full) =>
    limit === undefined
      ? `${used} used`
      : `${used} of ${limit} used${full ? ': FULL, mail waits and is returned' : ''}`,
  disabled: ({ name }) => `belongs to ${name}, which is switched off: no mail gets there`,
  remote: (domain, hop) => `is at another server: ${domain}${hop}`,
  hop: ({ by, hosts, problem }) => {
    if (problem !== '') return `, but ${problem}`;
    const where = list(hosts, (more) => ` and ${more} more`, '');
    return by === 'route' ? `, sent by the route of the settings to ${where}` : `, sent to ${where}`;
  },
  unknown: 'does not exist',
  otherOrg: 'belongs to another organisation of this server',
  again: 'is reached already: not twice',
  tooDeep: 'too many aliases in a row: mail is refused',
  tooMany: 'and more, not shown',
  noAddress: 'is not an address',
};

const ja: Words = {
  verdict: (verdict, asked) =>
    ({
      taken: `${asked} あてのメールは受け取ります。`,
      relayed: `${asked} はこのサーバーのアドレスではありません。自分の利用者からのメールだけを受け取って送り出し、ほかのサーバーには 550 5.7.1 と答えます。`,
      unknown: `${asked} あてのメールは断ります: 550 5.1.1 そのメールボックスはありません。`,
      disabled: `${asked} あてのメールは断ります: 550 5.2.1 メールボックスが停止されています。`,
      otherOrg: `${asked} はこのサーバーの別の組織のものです。`,
      loop: `${asked} あてのメールは断ります: 554 5.4.6 自分自身に戻ってきます。`,
      notAnAddress: `${asked} はメールアドレスではありません。`,
    })[verdict],
  rewritten: ({ to }) => `受信メールの書き換え規則により ${to} になります`,
  aliasDomain: ({ to }) => `${to} と同じです（ドメインが別名です）`,
  responsible: ({ to }) => `専用のアドレスがないので、責任者 ${to} に届きます`,
  leadsTo: (kind, to) => {
    const whom = list(to, (more) => ` ほか ${more} 件`, 'なし');
    return {
      alias: `${whom} の別名です`,
      group: `${to.length} 人のグループです: ${whom}`,
      forward: `${whom} に転送されます`,
      catchAll: `該当する宛先がないので、ドメインの受け皿（catch-all）が受け取ります: ${whom}`,
      returnPath: `転送したメールの差出人を表すアドレス（SRS）です。エラー通知は ${whom} に戻ります`,
      hook: 'HTTP でプログラムに渡されます',
    }[kind];
  },
  account: ({ name, detail, copy }, room) =>
    [
      copy ? `${name} のメールボックスに写しを残します` : `${name} のメールボックスに入ります`,
      ...(detail === '' ? [] : [`サブアドレス「${detail}」`]),
      ...(room === '' ? [] : [room]),
    ].join('、'),
  room: (used, limit, full) =>
    limit === undefined
      ? `使用量 ${used}`
      : `使用量 ${used} / ${limit}${full ? '（満杯: メールは待たされ、やがて差出人に戻ります）' : ''}`,
  disabled: ({ name }) => `${name} のものですが、停止されているので届きません`,
  remote: (domain, hop) => `ほかのサーバーのアドレスです: ${domain}${hop}`,
  hop: ({ by, hosts, problem }) => {
    if (problem !== '') return `。ただし: ${problem}`;
    const where = list(hosts, (more) => ` ほか ${more} 台`, '');
    return by === 'route' ? `。設定の経路により ${where} に送ります` : `。${where} に送ります`;
  },
  unknown: '存在しません',
  otherOrg: 'このサーバーの別の組織のものです',
  again: 'すでに届け先に入っています（二度は届きません）',
  tooDeep: '別名が続きすぎるので、メールを断ります',
  tooMany: 'ほかにもありますが、表示しません',
  noAddress: 'メールアドレスではありません',
};

const words: Record<Language, Words> = { en, ja };

function list(items: readonly string[], more: (count: number) => string, none: string): string {
  if (items.length === 0) return none;
  const shown = items.slice(0, listedMax).join(', ');
  return items.length > listedMax ? shown + more(items.length - listedMax) : shown;
}

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;
function size(bytes: number): string {
  const [unit, name] = bytes < gibibyte ? [mebibyte, 'MiB'] : [gibibyte, 'GiB'];
  const value = bytes / unit;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${name}`;
}

export const summaryText = ({ verdict, asked }: Explanation, language: Language): string =>
  words[language].verdict(verdict, asked);

export function stepText(step: ExplainedStep, beyond: Beyond, language: Language): string {
  const say = words[language];
  switch (step.is) {
    case 'rewritten':
      return say.rewritten(step);
    case 'aliasDomain':
      return say.aliasDomain(step);
    case 'responsible':
      return say.responsible(step);
    case 'account':
      return say.account(step, beyond.usage === undefined ? '' : roomText(beyond.usage, say));
    case 'disabled':
      return say.disabled(step);
    case 'remote':
      return say.remote(step.domain, beyond.nextHop === undefined ? '' : say.hop(beyond.nextHop));
    case 'alias':
    case 'group':
    case 'forward':
    case 'catchAll':
    case 'returnPath':
    case 'hook':
      return say.leadsTo(step.is, step.to);
    default:
      return say[step.is];
  }
}

function roomText({ usedBytes, limitBytes }: NonNullable<Beyond['usage']>, say: Words): string {
  const limit = limitBytes === 0 ? undefined : size(limitBytes);
  return say.room(size(usedBytes), limit, limitBytes > 0 && usedBytes >= limitBytes);
}
