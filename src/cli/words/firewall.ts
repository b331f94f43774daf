/** What the rules of OP25B say of themselves, and what is odd about what they were made from. */
import type { FirewallComments } from '../../app/firewall.ts';
import type { Language } from '../language.ts';

export interface FirewallWords {
  readonly comments: FirewallComments;
  readonly outside: (block: string) => string;
}

export const firewallWords: Readonly<Record<Language, FirewallWords>> = {
  en: {
    comments: {
      head: (table) => [
        'OP25B: customers do not send mail to port 25 of the world themselves. The way out is submission, ports 587 and 465, which stay open.',
        '',
        'Check:             nft -c -f FILE',
        'Load:              nft -f FILE (on the router; once more after a change, in place of what was)',
        `Counts:            nft list counters table inet ${table}`,
        `Who was refused:   nft list set inet ${table} refused_sources_v4`,
        `Exception at once: nft add element inet ${table} exceptions_v4 '{ 192.0.2.1 }' (write it into the list as well)`,
        `Away with it:      nft delete table inet ${table}`,
      ],
      replaced: 'Made, so that it is there to be deleted: the file is loaded as a whole or not at all.',
      customers: 'Whose port 25 is closed.',
      exceptions: 'Customers who run mail servers.',
      mailServers: 'Our own mail servers: every customer reaches them.',
      refused: 'Who was refused during the last day, and how often: customers with a virus are here.',
      logged: 'Who is in the log of the kernel already, for this hour.',
    },
    outside: (block) => `${block} is an exception, but none of the customers’ networks holds it`,
  },
  ja: {
    comments: {
      head: (table) => [
        'OP25B: 利用者から外部の 25 番ポートへの直接送信を遮断する。送信は submission（587 番、465 番）で行い、これらは開いたまま。',
        '',
        '確認:           nft -c -f ファイル',
        '適用:           nft -f ファイル（ルーター上で。変更後は再度実行すると置き換わる）',
        `集計:           nft list counters table inet ${table}`,
        `遮断された人:   nft list set inet ${table} refused_sources_v4`,
        `例外の即時追加: nft add element inet ${table} exceptions_v4 '{ 192.0.2.1 }'（リストにも書いておくこと）`,
        `取り消し:       nft delete table inet ${table}`,
      ],
      replaced: '削除できるように先に作る。ファイルは全体が一度に適用される。',
      customers: '25 番ポートを閉じる利用者。',
      exceptions: 'メールサーバーを運用する利用者。',
      mailServers: '自社のメールサーバー。すべての利用者が接続できる。',
      refused: 'この一日に遮断された利用者と回数。ウイルスに感染した利用者はここに現れる。',
      logged: 'この一時間にすでにカーネルのログに記録した利用者。',
    },
    outside: (block) => `例外 ${block} は、利用者のどのネットワークにも含まれていません`,
  },
};
