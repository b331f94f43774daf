/** What is said to people about limits, in English and Japanese. */
import type { LimitName } from './options.ts';

export type Language = 'en' | 'ja';

export interface ShapingWords {
  readonly limit: Readonly<Record<LimitName, string>>;
  readonly free: string;
  suspended(until: string): string;
  probing(): string;
  learned(rate: string): string;
  rate(limit: string, value: string, counts: string, until: string): string;
  full(limit: string, value: string): string;
  warmUp(part: number, day: number, until: string): string;
  readonly inHand: string;
  readonly pulled: string;
}

export const shapingWords: Readonly<Record<Language, ShapingWords>> = {
  en: {
    limit: {
      connections: 'connections at one time',
      connectionRate: 'connections opened',
      messagesPerConnection: 'messages over a connection',
      messageRate: 'copies sent',
      recipientsPerMessage: 'recipients in a transaction',
      byteRate: 'bytes sent',
    },
    free: 'Nothing holds it back: it goes when its turn comes.',
    suspended: (until) =>
      `The receiver shut us out: nothing is sent until ${until}, then one message looks whether it is open again.`,
    probing: () =>
      'The receiver took nothing lately: one message at a time looks whether it takes mail again.',
    learned: (rate) => `Learned from its answers: at most ${rate}.`,
    rate: (limit, value, counts, until) => `Limit on ${limit} (${value}, ${counts}): the next at ${until}.`,
    full: (limit, value) => `All of the ${value} ${limit} are in use.`,
    warmUp: (part, day, until) =>
      `Warm-up, sending day ${day}: the ${part} copies of today are sent; more at ${until}.`,
    inHand: 'Its connections are busy: it goes when one of them is free.',
    pulled:
      'A block list that this provider uses names its address: other sources are taken where there are any.',
  },
  ja: {
    limit: {
      connections: '同時接続数',
      connectionRate: '新規接続数',
      messagesPerConnection: '1接続あたりの通数',
      messageRate: '送信数',
      recipientsPerMessage: '1通あたりの宛先数',
      byteRate: '送信バイト数',
    },
    free: '制限はありません。順番が来しだい送信します。',
    suspended: (until) => `受信側に止められています。${until} まで送信せず、その後1通で様子を見ます。`,
    probing: () => '受信側が最近受け取っていません。1通ずつ送って様子を見ています。',
    learned: (rate) => `応答から学習した上限：${rate}。`,
    rate: (limit, value, counts, until) => `${limit}の制限（${value}、${counts}）：次は ${until}。`,
    full: (limit, value) => `${limit}（${value}）をすべて使用中です。`,
    warmUp: (part, day, until) =>
      `ウォームアップ送信${day}日目：本日分 ${part} 通を送信済み。続きは ${until}。`,
    inHand: '接続がすべて使用中です。空きしだい送信します。',
    pulled: 'この事業者が参照するブロックリストに送信元が載っています。他の送信元があればそちらを使います。',
  },
};
