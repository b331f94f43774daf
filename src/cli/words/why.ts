/** The words of `hikyaku why`, in English and Japanese. */
import type { Language } from '../language.ts';

export interface WhyWords {
  readonly noProvider: string;
  readonly servers: string;
  readonly none: string;
  readonly last: string;
  readonly next: string;
  readonly atOnce: string;
  readonly source: string;
  readonly machine: string;
  readonly noLimits: string;
  readonly columns: Readonly<Record<'limit' | 'value' | 'used' | 'counts' | 'rule', string>>;
  waits(waiting: number, held: number): string;
  learned(rate: number, estimate: number, taken: number): string;
  warmUp(day: number, sent: number, part: number): string;
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

export const whyWords: Readonly<Record<Language, WhyWords>> = {
  en: {
    noProvider: 'of no provider group',
    servers: 'mail servers',
    none: 'none known now',
    last: 'last answer',
    next: 'next try',
    atOnce: 'now',
    source: 'leaves by',
    machine: 'this machine',
    noLimits: 'no rule limits it; connections grow with success, up to delivery.connectionsPerSiteMax',
    columns: {
      limit: 'limit',
      value: 'value',
      used: 'in use',
      counts: 'counted',
      rule: 'rule (> those it beats)',
    },
    waits: (waiting, held) =>
      `${waiting} ${waiting === 1 ? 'recipient waits' : 'recipients wait'}${held > 0 ? `, ${held} held` : ''}`,
    learned: (rate, estimate, taken) =>
      `learned: ${short(rate)}/s, the limit is thought to be ${short(estimate)}/s; ${short(taken)}/s were taken in the last minute`,
    warmUp: (day, sent, part) => `warm-up: sending day ${day}, ${sent} of ${part} sent`,
  },
  ja: {
    noProvider: '事業者グループなし',
    servers: 'メールサーバー',
    none: '現在不明',
    last: '最後の応答',
    next: '次の試行',
    atOnce: '今すぐ',
    source: '送信元',
    machine: 'このサーバー',
    noLimits: '規則による制限なし。接続は成功に応じて delivery.connectionsPerSiteMax まで増えます',
    columns: {
      limit: '制限',
      value: '値',
      used: '使用中',
      counts: '数える範囲',
      rule: '規則（> は退けた規則）',
    },
    waits: (waiting, held) => `待機中 ${waiting} 件${held > 0 ? `、保留 ${held} 件` : ''}`,
    learned: (rate, estimate, taken) =>
      `学習値：毎秒 ${short(rate)} 通（受信側の上限の推定 ${short(estimate)}、直近1分の受理 ${short(taken)}）`,
    warmUp: (day, sent, part) => `ウォームアップ：送信${day}日目、${part} 通中 ${sent} 通送信済み`,
  },
};
