/** What scripts do to mail, in the language of whoever sits at the terminal. */
import type { Language } from '../language.ts';

interface Words {
  readonly actions: Readonly<Record<string, (detail: string) => string>>;
  readonly kept: string;
  readonly flags: (flags: string) => string;
  readonly failed: (line: number, text: string) => string;
  readonly rule: (name: string, line: number) => string;
  readonly none: string;
  readonly more: (before: number) => string;
  readonly apply: (mailbox: string, address: string) => string;
}

const en: Words = {
  actions: {
    kept: () => 'keeps it',
    filed: (mailbox) => `files it into ${mailbox}`,
    redirected: (address) => `sends it on to ${address}`,
    discarded: () => 'throws it away',
    rejected: (reason) => `refuses it: ${reason}`,
    replied: () => 'answers it',
    notified: (method) => `tells of it by ${method}`,
  },
  kept: 'stays where it is',
  flags: (flags) => `flags ${flags}`,
  failed: (line, text) => `fails in line ${line}: ${text}`,
  rule: (name, line) => (name === '' ? `line ${line}` : `${name}, line ${line}`),
  none: 'no mail is there',
  more: (before) => `There is older mail: --before ${before}, or -n 0 for all.`,
  apply: (mailbox, address) => `File and flag the mail in ${mailbox} of ${address} as the script says?`,
};

const ja: Words = {
  actions: {
    kept: () => 'そのまま残す',
    filed: (mailbox) => `${mailbox} に入れる`,
    redirected: (address) => `${address} に転送する`,
    discarded: () => '捨てる',
    rejected: (reason) => `拒否する: ${reason}`,
    replied: () => '自動返信する',
    notified: (method) => `${method} で通知する`,
  },
  kept: '今の場所に残る',
  flags: (flags) => `フラグ ${flags}`,
  failed: (line, text) => `${line}行目で失敗: ${text}`,
  rule: (name, line) => (name === '' ? `${line}行目` : `${name}、${line}行目`),
  none: 'メールはありません',
  more: (before) => `さらに古いメールがあります: --before ${before}、全部なら -n 0`,
  apply: (mailbox, address) => `${address} の ${mailbox} のメールをスクリプトのとおりに整理しますか？`,
};

export const sieveWords: Readonly<Record<Language, Words>> = { en, ja };
