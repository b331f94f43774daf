/** What the doctor finds, in plain words, and what to do about it. */
import type { Facts, FindingKey } from '../../app/doctor.ts';
import type { Language } from '../language.ts';

/** What was found, and what to do if something is to be done. */
type Said = readonly [found: string, advice?: string];

export interface DoctorWords {
  readonly findings: { readonly [K in FindingKey]: (facts: Facts[K]) => Said };
  readonly allFine: string;
  readonly toDo: (bad: number, warnings: number) => string;
}

const english: DoctorWords = {
  findings: {
    dnsAnswers: ({ server, ms }) => [`DNS answers (${server}, ${ms} ms)`],
    dnsSilent: ({ why }) => [
      `DNS does not answer: ${why}`,
      'No mail can leave without DNS. Look at dns.servers in the settings, or at /etc/resolv.conf, and whether a firewall lets port 53 out.',
    ],
    dnssecOn: () => ['The resolver validates DNSSEC: DANE works'],
    dnssecNotTrusted: () => [
      'DNSSEC is not used, so DANE is off',
      'For DANE run a validating resolver (such as Unbound) on this machine and set dns.trustAuthenticated.',
    ],
    dnssecBroken: () => [
      'dns.trustAuthenticated is set, but the resolver does not say that it validated the signed root zone',
      'Put a validating resolver (such as Unbound) on 127.0.0.1 or ::1 and name it in dns.servers; DANE is off until then.',
    ],
    hostResolves: ({ hostname, addresses }) => [`${hostname} leads to ${addresses}`],
    hostUnknown: ({ hostname, why }) => [
      `${hostname} is not in DNS: ${why}`,
      'Make an A record (and AAAA for IPv6) of this name with the address of this server, or set hostname to a name that has one.',
    ],
    hostElsewhere: ({ hostname, found, own }) => [
      `${hostname} leads to ${found}, but this server has ${own}`,
      'Correct the A and AAAA records; or, if the router passes the ports on, set addresses to those of the router.',
    ],
    addressesUnknown: () => [
      'The addresses of this server on the Internet are not known',
      'Set addresses in the settings to what others see.',
    ],
    reverseGood: ({ address, name }) => [`The reverse name of ${address} is ${name}`],
    reverseMissing: ({ address, hostname }) => [
      `${address} has no reverse name (PTR)`,
      `Many servers refuse mail from such an address. Ask the provider of the line or the machine to set it to ${hostname}.`,
    ],
    reverseOther: ({ address, found, hostname }) => [
      `The reverse name of ${address} is ${found}, not ${hostname}`,
      `Ask the provider of the line or the machine to set it to ${hostname}: the name should lead to the address and back.`,
    ],
    reverseUnknown: ({ address, why }) => [`The reverse name of ${address} could not be found out: ${why}`],
    port25Open: ({ host, said }) => [`Port 25 is open on the way out (${host}: ${said})`],
    port25Closed: ({ tries }) => [
      `Port 25 is closed on the way out (OP25B): ${tries}`,
      'Ask the provider of the line or the machine to open it; or set a route with when = "unreachable" to a smart host on port 587 or 465, which then takes all mail by itself.',
    ],
    port25ClosedButRouted: ({ tries }) => [
      `Port 25 is closed on the way out (${tries}); mail goes by the smart host of the settings`,
    ],
    port25Unknown: ({ why }) => [`Whether port 25 is open on the way out could not be found out: ${why}`],
    notListed: ({ address, lists }) => [`${address} is not listed at ${lists}`],
    listed: ({ address, list, why }) => [
      `${address} is on the block list ${list}: ${why}`,
      'Find and end the cause (an account in foreign hands, an open relay, a machine infected behind the same address), then ask the list to take it off: its page tells how.',
    ],
    listUnknown: ({ list, why }) => [
      `The block list ${list} could not be asked: ${why}`,
      'Many lists answer only a resolver of your own, not one of everybody’s.',
    ],
    clockRight: ({ seconds, server }) => [`The clock is right (${seconds} s from ${server})`],
    clockWrong: ({ seconds, server }) => [
      `The clock is wrong by ${seconds} s (against ${server})`,
      'Let it be set over the network: timedatectl set-ntp true, or chrony. Signatures, one-time passwords and certificates fail with a wrong clock.',
    ],
    clockUnknown: ({ servers }) => [
      `No time server answers (${servers})`,
      'Name one that can be reached in doctor.timeServers.',
    ],
    engineAnswers: ({ engine, address, said }) => [`${engine} answers at ${address} (${said})`],
    engineSilent: ({ engine, address, why }) => [
      `${engine} does not answer at ${address} (${why})`,
      'Start it, or mend its address in the settings. Until then mail is treated as its `failure` setting says.',
    ],
    diskRoom: ({ folder, free, percent }) => [`${folder} has ${free} free (${percent} %)`],
    diskLow: ({ folder, free, percent }) => [
      `${folder} has only ${free} free (${percent} %)`,
      'Make room or move the data folder: without room no mail is taken.',
    ],
    diskUnknown: ({ folder, why }) => [
      `The data folder ${folder} could not be looked at: ${why}`,
      'Make it, owned by the user that runs the server; or correct data in the settings.',
    ],
    filesEnough: ({ limit }) => [`${limit} files and connections may be open`],
    filesFew: ({ limit, wanted }) => [
      `Only ${limit} files and connections may be open at one time`,
      `Raise the limit to ${wanted} or more: LimitNOFILE= in the systemd unit, or ulimit -n.`,
    ],
    certificateGood: ({ names, days, issuer }) => [
      `The certificate of ${names} (by ${issuer}) is good for ${days} days`,
    ],
    certificateSoon: ({ names, days }) => [
      `The certificate of ${names} ends in ${days} days`,
      'Renew it; the server takes up the new files by itself.',
    ],
    certificateExpired: ({ names }) => [
      `The certificate of ${names} has expired`,
      'Renew it; the server takes up the new files by itself.',
    ],
    certificateSelfSigned: ({ names }) => [
      `The certificate of ${names} is self-signed: mailers warn of it`,
      'Let the server get one by itself (tls.acme), or name the files of one in tls.certificates.',
    ],
    certificateUnusable: ({ problem }) => [
      `The certificate cannot be used: ${problem}`,
      'Correct tls.certificates, and see that the user that runs the server may read the files.',
    ],
    certificateOtherName: ({ hostname }) => [
      `No certificate is for ${hostname}`,
      'Get one with that name: mailers and other servers check it.',
    ],
    serverRuns: () => ['The server is running'],
    serverNotRunning: ({ why }) => [`Not asked, as it cannot be reached, is the server itself: ${why}`],
    serverUnready: () => ['The server is running but not ready', 'Its log tells more.'],
    serverProblem: ({ name, detail }) => [`The server says of its ${name}: ${detail}`],
    domainGood: ({ domain }) => [`The DNS records of ${domain} are right`],
    domainToDo: ({ domain, required, recommended }) => [
      `The DNS records of ${domain}: ${required} to set, ${recommended} more that are recommended`,
      `hikyaku dns ${domain} shows them.`,
    ],
    domainUnknown: ({ domain, why }) => [`The DNS records of ${domain} could not be checked: ${why}`],
  },
  allFine: 'All is well.',
  toDo: (bad, warnings) => `${bad} to put right, ${warnings} to look at.`,
};

const japanese: DoctorWords = {
  findings: {
    dnsAnswers: ({ server, ms }) => [`DNS は応答しています（${server}、${ms} ミリ秒）`],
    dnsSilent: ({ why }) => [
      `DNS が応答しません: ${why}`,
      'DNS が使えないとメールを送れません。設定の dns.servers か /etc/resolv.conf、およびファイアウォールが 53 番ポートを通すかを確かめてください。',
    ],
    dnssecOn: () => ['リゾルバーは DNSSEC を検証しています。DANE が使えます'],
    dnssecNotTrusted: () => [
      'DNSSEC を使わないため、DANE は働きません',
      'DANE を使うには、検証するリゾルバー（Unbound など）をこのマシンで動かし、dns.trustAuthenticated を設定してください。',
    ],
    dnssecBroken: () => [
      'dns.trustAuthenticated が設定されていますが、リゾルバーは署名済みのルートゾーンを検証したと答えません',
      '検証するリゾルバー（Unbound など）を 127.0.0.1 か ::1 で動かし、dns.servers に指定してください。それまで DANE は働きません。',
    ],
    hostResolves: ({ hostname, addresses }) => [`${hostname} は ${addresses} を指しています`],
    hostUnknown: ({ hostname, why }) => [
      `${hostname} が DNS にありません: ${why}`,
      'この名前の A レコード（IPv6 なら AAAA も）にサーバーのアドレスを登録するか、hostname を登録済みの名前に変えてください。',
    ],
    hostElsewhere: ({ hostname, found, own }) => [
      `${hostname} は ${found} を指していますが、サーバーのアドレスは ${own} です`,
      'A・AAAA レコードを直してください。ルーターがポートを転送している場合は、addresses にルーターのアドレスを設定してください。',
    ],
    addressesUnknown: () => [
      'インターネット側から見たサーバーのアドレスが分かりません',
      '設定の addresses に、外から見えるアドレスを書いてください。',
    ],
    reverseGood: ({ address, name }) => [`${address} の逆引き名は ${name} です`],
    reverseMissing: ({ address, hostname }) => [
      `${address} に逆引き名（PTR）がありません`,
      `多くのサーバーがこのアドレスからのメールを拒否します。回線やサーバーの提供元に、${hostname} を設定するよう依頼してください。`,
    ],
    reverseOther: ({ address, found, hostname }) => [
      `${address} の逆引き名は ${found} で、${hostname} ではありません`,
      `回線やサーバーの提供元に、${hostname} を設定するよう依頼してください。名前とアドレスが互いを指す必要があります。`,
    ],
    reverseUnknown: ({ address, why }) => [`${address} の逆引き名を調べられませんでした: ${why}`],
    port25Open: ({ host, said }) => [`外向きの 25 番ポートは開いています（${host}: ${said}）`],
    port25Closed: ({ tries }) => [
      `外向きの 25 番ポートが閉じています（OP25B）: ${tries}`,
      '回線やサーバーの提供元に開放を依頼してください。または when = "unreachable" の経路に 587 番か 465 番ポートの中継サーバーを設定すると、すべてのメールが自動でそこを通ります。',
    ],
    port25ClosedButRouted: ({ tries }) => [
      `外向きの 25 番ポートは閉じています（${tries}）。メールは設定された中継サーバーを通ります`,
    ],
    port25Unknown: ({ why }) => [`外向きの 25 番ポートが開いているか調べられませんでした: ${why}`],
    notListed: ({ address, lists }) => [`${address} はブロックリストに載っていません（${lists}）`],
    listed: ({ address, list, why }) => [
      `${address} がブロックリスト ${list} に載っています: ${why}`,
      '原因（乗っ取られたアカウント、オープンリレー、同じアドレスの内側の感染したマシンなど）を取り除いてから、リストのページの手順で解除を申請してください。',
    ],
    listUnknown: ({ list, why }) => [
      `ブロックリスト ${list} に問い合わせできませんでした: ${why}`,
      '多くのリストは公開リゾルバーからの問い合わせに答えません。自前のリゾルバーを使ってください。',
    ],
    clockRight: ({ seconds, server }) => [`時計は合っています（${server} との差 ${seconds} 秒）`],
    clockWrong: ({ seconds, server }) => [
      `時計が ${seconds} 秒ずれています（${server} との比較）`,
      'timedatectl set-ntp true や chrony で自動的に合わせてください。時計がずれていると、署名・ワンタイムパスワード・証明書の確認に失敗します。',
    ],
    clockUnknown: ({ servers }) => [
      `時刻サーバーが応答しません（${servers}）`,
      '到達できるサーバーを doctor.timeServers に設定してください。',
    ],
    engineAnswers: ({ engine, address, said }) => [`${engine} が ${address} で応答しています（${said}）`],
    engineSilent: ({ engine, address, why }) => [
      `${engine} が ${address} で応答しません（${why}）`,
      '起動するか、設定のアドレスを直してください。それまでメールは設定 `failure` のとおりに扱われます。',
    ],
    diskRoom: ({ folder, free, percent }) => [`${folder} の空きは ${free}（${percent} %）です`],
    diskLow: ({ folder, free, percent }) => [
      `${folder} の空きが ${free}（${percent} %）しかありません`,
      '空きを増やすか、データフォルダーを移してください。空きがなくなるとメールを受け付けられません。',
    ],
    diskUnknown: ({ folder, why }) => [
      `データフォルダー ${folder} を調べられませんでした: ${why}`,
      'サーバーを動かすユーザーの所有で作るか、設定の data を直してください。',
    ],
    filesEnough: ({ limit }) => [`同時に ${limit} 個のファイルと接続を開けます`],
    filesFew: ({ limit, wanted }) => [
      `同時に開けるファイルと接続が ${limit} 個までです`,
      `systemd ユニットの LimitNOFILE= か ulimit -n で、${wanted} 以上に上げてください。`,
    ],
    certificateGood: ({ names, days, issuer }) => [
      `${names} の証明書（発行者 ${issuer}）はあと ${days} 日有効です`,
    ],
    certificateSoon: ({ names, days }) => [
      `${names} の証明書はあと ${days} 日で切れます`,
      '更新してください。新しいファイルはサーバーが自動で読み込みます。',
    ],
    certificateExpired: ({ names }) => [
      `${names} の証明書は期限が切れています`,
      '更新してください。新しいファイルはサーバーが自動で読み込みます。',
    ],
    certificateSelfSigned: ({ names }) => [
      `${names} の証明書は自己署名のため、メールソフトが警告を出します`,
      'tls.acme で自動取得するか、tls.certificates に証明書のファイルを指定してください。',
    ],
    certificateUnusable: ({ problem }) => [
      `証明書が使えません: ${problem}`,
      'tls.certificates を直し、サーバーを動かすユーザーがファイルを読めるか確かめてください。',
    ],
    certificateOtherName: ({ hostname }) => [
      `${hostname} の証明書がありません`,
      'この名前を含む証明書を用意してください。メールソフトや他のサーバーが確かめます。',
    ],
    serverRuns: () => ['サーバーは動いています'],
    serverNotRunning: ({ why }) => [`サーバー自体には問い合わせできませんでした: ${why}`],
    serverUnready: () => ['サーバーは動いていますが、準備ができていません', '詳しくはログを見てください。'],
    serverProblem: ({ name, detail }) => [`サーバーからの報告（${name}）: ${detail}`],
    domainGood: ({ domain }) => [`${domain} の DNS レコードは正しく設定されています`],
    domainToDo: ({ domain, required, recommended }) => [
      `${domain} の DNS レコード: 必須 ${required} 件、推奨 ${recommended} 件が残っています`,
      `hikyaku dns ${domain} で確かめられます。`,
    ],
    domainUnknown: ({ domain, why }) => [`${domain} の DNS レコードを確かめられませんでした: ${why}`],
  },
  allFine: '問題はありません。',
  toDo: (bad, warnings) => `直すべきこと ${bad} 件、注意すべきこと ${warnings} 件。`,
};

export const doctorWords: Readonly<Record<Language, DoctorWords>> = { en: english, ja: japanese };
