/** What a recipient's filter did to a mail, in words. */
import type { FilterAction } from './event.ts';

type Did = Readonly<Record<FilterAction, (detail: string) => string>>;

const didEn: Did = {
  kept: () => 'kept the mail',
  filed: (mailbox) => `filed the mail into "${mailbox}"`,
  redirected: (address) => `sent the mail on to ${address}`,
  discarded: () => 'threw the mail away',
  rejected: (reason) => `refused the mail: ${reason}`,
  replied: (address) => `answered ${address}`,
  silent: (reason) => `sent no answer: ${silenceEn[reason] ?? reason}`,
  notified: (address) => `notified ${address}`,
  failed: (problem) => `could not be run, so the mail was kept: ${problem}`,
};

const didJa: Did = {
  kept: () => 'メールを受信箱に入れました',
  filed: (mailbox) => `メールを「${mailbox}」に入れました`,
  redirected: (address) => `メールを ${address} に転送しました`,
  discarded: () => 'メールを破棄しました',
  rejected: (reason) => `メールを拒否しました: ${reason}`,
  replied: (address) => `${address} に自動応答しました`,
  silent: (reason) => `自動応答を送りませんでした: ${silenceJa[reason] ?? reason}`,
  notified: (address) => `${address} に通知しました`,
  failed: (problem) => `実行できなかったため、メールをそのまま受信箱に入れました: ${problem}`,
};

/** Why a mail was not answered (RFC 5230, 4.6; RFC 3834, 2). */
const silenceEn: Readonly<Record<string, string>> = {
  nullSender: 'the mail has no sender',
  toOneself: 'it is from the same person',
  robot: 'the sender is no person',
  list: 'it came by a mailing list',
  autoSubmitted: 'a program wrote it',
  notAddressed: 'it is not addressed to this person',
  lately: 'this sender was answered lately',
};

const silenceJa: Readonly<Record<string, string>> = {
  nullSender: '差出人のないメールです',
  toOneself: '本人からのメールです',
  robot: '差出人は人ではありません',
  list: 'メーリングリストからのメールです',
  autoSubmitted: 'プログラムが送ったメールです',
  notAddressed: '本人が宛先ではありません',
  lately: 'この差出人には最近応答しました',
};

export const filteredEn = (action: FilterAction, recipient: string, detail: string): string =>
  `A filter of ${recipient} ${didEn[action](detail)}`;

export const filteredJa = (action: FilterAction, recipient: string, detail: string): string =>
  `${recipient} の振り分けが${didJa[action](detail)}`;

const ownersEn: Readonly<Record<string, string>> = {
  account: 'script',
  domain: 'script of the domain',
  org: 'script of the organisation',
  server: 'script of the server',
};

const ownersJa: Readonly<Record<string, string>> = {
  account: 'スクリプト',
  domain: 'ドメインのスクリプト',
  org: '組織のスクリプト',
  server: 'サーバーのスクリプト',
};

/** Which rule of whose script. */
export function ruleEn(by: string, script: string, rule: string, line: number): string {
  const named = rule === '' ? '' : `, rule "${rule}"`;
  return `${ownersEn[by] ?? by} "${script}"${named}${line === 0 ? '' : `, line ${line}`}`;
}

export function ruleJa(by: string, script: string, rule: string, line: number): string {
  const named = rule === '' ? '' : `、ルール「${rule}」`;
  return `${ownersJa[by] ?? by}「${script}」${named}${line === 0 ? '' : `、${line}行目`}`;
}
