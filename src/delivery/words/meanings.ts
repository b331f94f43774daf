/** The meanings of replies: for each what happened and what to do, in English and Japanese. */

type Words = Readonly<Record<'en' | 'ja', readonly [what: string, advice: string]>>;

export const meanings = {
  delivered: {
    en: ['The server took the message.', 'Nothing needs to be done.'],
    ja: ['相手のサーバーがメールを受け取りました。', '何もする必要はありません。'],
  },
  accepted: {
    en: ['The server agreed.', 'Nothing needs to be done.'],
    ja: ['相手のサーバーが了承しました。', '何もする必要はありません。'],
  },
  noSuchMailbox: {
    en: [
      'There is no such address at the other side.',
      'Check the spelling of the address, or ask the recipient for the right one.',
    ],
    ja: [
      '宛先のアドレスが存在しません。',
      'アドレスのつづりを確かめるか、相手に正しいアドレスを尋ねてください。',
    ],
  },
  noSuchDomain: {
    en: [
      'The domain of the address (the part behind @) does not exist or receives no mail.',
      'Check the spelling of the part behind @.',
    ],
    ja: [
      'アドレスのドメイン（@ の後ろ）が存在しないか、メールを受け取っていません。',
      '@ の後ろのつづりを確かめてください。',
    ],
  },
  suppressed: {
    en: [
      'The message was not tried: your organisation keeps this address on its list of those that get no more mail of this kind, because it did not work, or because its owner wants none.',
      'If it should get mail again, ask whoever looks after your mail to take it off the suppression list; the reason is in brackets above. What you write from your own mailbox is not held back.',
    ],
    ja: [
      '送信は行われませんでした。このアドレスは、届かない、または本人が配信を望まないため、組織の配信停止リストに載っています。',
      '再び送る必要があるときは、メールの管理者に配信停止リストからの解除を依頼してください。理由は応答の括弧内にあります。ご自分のメールボックスから書くメールは止められません。',
    ],
  },
  badAddress: {
    en: ['The server does not regard this as a valid address.', 'Check the address.'],
    ja: ['相手のサーバーはこのアドレスを正しい形とみなしませんでした。', 'アドレスを確かめてください。'],
  },
  moved: {
    en: ['The recipient has moved and left no forwarding.', 'Ask the recipient for the new address.'],
    ja: ['宛先の人は別のアドレスに移り、転送はされていません。', '相手に新しいアドレスを尋ねてください。'],
  },
  badSender: {
    en: [
      'The server does not accept the address of the sender.',
      'Check that your own address is right and can receive mail.',
    ],
    ja: [
      '相手のサーバーが差出人のアドレスを受け付けませんでした。',
      'ご自分のアドレスが正しく、メールを受け取れることを確かめてください。',
    ],
  },
  takesNoMail: {
    en: [
      'The domain says that it receives no mail at all.',
      'Check the part behind @; another address of the recipient is needed.',
    ],
    ja: [
      'このドメインはメールを一切受け取らないと表明しています。',
      '@ の後ろを確かめてください。別のアドレスが必要です。',
    ],
  },
  mailboxTrouble: {
    en: ['Something is wrong with the mailbox of the recipient.', 'Tell the recipient in another way.'],
    ja: ['宛先のメールボックスに問題があります。', '別の方法で相手に知らせてください。'],
  },
  mailboxDisabled: {
    en: [
      'The mailbox of the recipient is switched off or takes no mail now.',
      'Tell the recipient in another way.',
    ],
    ja: [
      '宛先のメールボックスは停止中か、今はメールを受け取れません。',
      '別の方法で相手に知らせてください。',
    ],
  },
  mailboxFull: {
    en: [
      'The mailbox of the recipient is full.',
      'The recipient has to make room; send the message again afterwards.',
    ],
    ja: ['宛先のメールボックスがいっぱいです。', '相手が空きを作った後で、もう一度送ってください。'],
  },
  recipientTooFast: {
    en: ['The recipient is getting too much mail at the moment.', 'It is tried again by itself.'],
    ja: ['宛先に今、メールが集中しています。', '自動的に再送します。'],
  },
  tooLarge: {
    en: [
      'The message is larger than the other side allows.',
      'Send it without attachments, or share the files in another way.',
    ],
    ja: [
      'メールが相手側の許す大きさを超えています。',
      '添付ファイルを外すか、別の方法でファイルを渡してください。',
    ],
  },
  listTrouble: {
    en: ['The mailing list could not take the message.', 'Ask the owner of the list.'],
    ja: ['メーリングリストが受け付けませんでした。', 'リストの管理者に尋ねてください。'],
  },
  serverFull: {
    en: ['The server of the recipient has no room at the moment.', 'It is tried again by itself.'],
    ja: ['相手のサーバーに今、空きがありません。', '自動的に再送します。'],
  },
  serverClosed: {
    en: ['The server of the recipient takes no mail at the moment.', 'It is tried again by itself.'],
    ja: ['相手のサーバーは今、メールを受け付けていません。', '自動的に再送します。'],
  },
  noAnswer: {
    en: [
      'The server of the recipient does not answer.',
      'It is tried again by itself. If it lasts, tell the recipient in another way.',
    ],
    ja: [
      '相手のサーバーが応答しません。',
      '自動的に再送します。続くようなら、別の方法で相手に知らせてください。',
    ],
  },
  connectionLost: {
    en: [
      'The connection to the server broke while the message was being sent.',
      'It is tried again by itself.',
    ],
    ja: ['送信の途中で相手のサーバーとの接続が切れました。', '自動的に再送します。'],
  },
  dnsTrouble: {
    en: [
      'Where to send mail for this domain could not be found out (DNS did not answer).',
      'It is tried again by itself. The owner of the domain should check its DNS.',
    ],
    ja: [
      'このドメインのメールの送り先を調べられませんでした（DNS が応答しません）。',
      '自動的に再送します。ドメインの管理者は DNS を確かめてください。',
    ],
  },
  noWay: {
    en: [
      'The domain names no server that can be reached.',
      'The owner of the domain should check its MX records.',
    ],
    ja: [
      'このドメインには接続できるサーバーがありません。',
      'ドメインの管理者は MX レコードを確かめてください。',
    ],
  },
  loop: {
    en: [
      'The message would go round in circles.',
      'An administrator should check the forwardings and the MX records.',
    ],
    ja: ['メールが堂々巡りになります。', '管理者は転送の設定と MX レコードを確かめてください。'],
  },
  expired: {
    en: [
      'The message could not be delivered in the time it had.',
      'Send it again later, or tell the recipient in another way.',
    ],
    ja: [
      '期限までにメールを届けられませんでした。',
      '後でもう一度送るか、別の方法で相手に知らせてください。',
    ],
  },
  tooManyRecipients: {
    en: ['The server takes fewer recipients at once.', 'It is tried again by itself with fewer.'],
    ja: ['相手のサーバーが一度に受け付ける宛先の数を超えました。', '数を減らして自動的に再送します。'],
  },
  sevenBitOnly: {
    en: [
      'The server can only take plain 7-bit mail, and this message cannot be converted.',
      'Send it unsigned, or as plain text.',
    ],
    ja: [
      '相手のサーバーは 7 ビットのメールしか受け取れず、このメールは変換できません。',
      '署名を付けずに、またはテキスト形式で送ってください。',
    ],
  },
  noInternational: {
    en: [
      'The server cannot handle addresses with other than English letters.',
      'Use an address in plain letters, if the recipient has one.',
    ],
    ja: [
      '相手のサーバーは英字以外のアドレスを扱えません。',
      '相手に英字のアドレスがあれば、そちらへ送ってください。',
    ],
  },
  greylisted: {
    en: [
      'The server puts off mail from senders it does not know yet.',
      'It is tried again by itself, usually with success within minutes.',
    ],
    ja: [
      '相手のサーバーは初めての送信元のメールをいったん保留します。',
      '自動的に再送します。たいてい数分で届きます。',
    ],
  },
  tooFast: {
    en: [
      'The server wants fewer messages in this time from us.',
      'It is tried again by itself, more slowly.',
    ],
    ja: ['相手のサーバーが、短い時間に届くメールの量を制限しています。', '間隔を空けて自動的に再送します。'],
  },
  blockedAddress: {
    en: [
      'Our server is on a block list that the other side uses.',
      'Your administrator should ask for removal from the list that the reply names.',
    ],
    ja: [
      'こちらのサーバーが、相手の使うブロックリストに載っています。',
      '管理者は、返答にあるリストの運営者に解除を申請してください。',
    ],
  },
  noReverseName: {
    en: [
      'Our server has no proper name in reverse DNS, which the other side requires.',
      'Your administrator should set the PTR record of the server.',
    ],
    ja: [
      '相手が求める逆引き DNS が、こちらのサーバーに正しく設定されていません。',
      '管理者はサーバーの PTR レコードを設定してください。',
    ],
  },
  unauthenticated: {
    en: [
      'The other side could not verify that the message comes from your domain (SPF, DKIM, DMARC).',
      'Your administrator should check these DNS records of your domain.',
    ],
    ja: [
      'メールがあなたのドメインから出たことを、相手が確認できませんでした（SPF・DKIM・DMARC）。',
      '管理者はドメインのこれらの DNS レコードを確かめてください。',
    ],
  },
  spam: {
    en: [
      'The other side takes the message for unwanted mail.',
      'Change the text or the links, or ask the recipient to allow you.',
    ],
    ja: [
      '相手側が迷惑メールと判断しました。',
      '本文やリンクを見直すか、相手に受信を許可してもらってください。',
    ],
  },
  harmful: {
    en: [
      'The other side takes the message or an attachment for harmful.',
      'Check your computer and the attachment.',
    ],
    ja: [
      '相手側がメールか添付ファイルを有害と判断しました。',
      'お使いのコンピューターと添付ファイルを確かめてください。',
    ],
  },
  noRelay: {
    en: [
      'The server is not the one for this address, or wants a login.',
      'The owner of the domain should check its MX records; your administrator the route.',
    ],
    ja: [
      'このサーバーはその宛先の担当ではないか、ログインを求めています。',
      'ドメインの管理者は MX レコードを、こちらの管理者は経路の設定を確かめてください。',
    ],
  },
  notAllowed: {
    en: [
      'The other side does not allow this message.',
      'Ask the recipient, or your administrator, for the reason given in the reply.',
    ],
    ja: ['相手側がこのメールを許可していません。', '返答にある理由について、相手か管理者に尋ねてください。'],
  },
  carrierRefuses: {
    en: [
      'The mobile carrier does not deliver to this address: it does not exist, or the recipient has set it to refuse mail like this.',
      'Ask the recipient to check the address, and to allow your domain in the settings of the phone (受信設定).',
    ],
    ja: [
      '携帯電話会社がこの宛先への配達を断りました。アドレスが存在しないか、受信拒否の設定がされています。',
      '相手に、アドレスと、受信設定であなたのドメインが許可されているかを確かめてもらってください。',
    ],
  },
  tlsNeeded: {
    en: [
      'An encrypted connection is required, and there was none.',
      'Your administrator should check the TLS settings of the route.',
    ],
    ja: ['暗号化された接続が必要ですが、できませんでした。', '管理者は経路の TLS の設定を確かめてください。'],
  },
  tlsFailed: {
    en: [
      'The encrypted connection to the server did not work.',
      'It is tried again by itself. The owner of the server should check its certificate.',
    ],
    ja: [
      '相手のサーバーとの暗号化された接続に失敗しました。',
      '自動的に再送します。サーバーの管理者は証明書を確かめてください。',
    ],
  },
  stsUnlisted: {
    en: [
      'The domain has published which servers may take its mail (MTA-STS), and this server is not among them.',
      'It is tried again by itself. The owner of the domain should make the MTA-STS policy and the MX records agree.',
    ],
    ja: [
      'ドメインが公表している受信サーバーの一覧（MTA-STS）に、このサーバーがありません。',
      '自動的に再送します。ドメインの管理者は MTA-STS のポリシーと MX レコードを一致させてください。',
    ],
  },
  tlsaUnknown: {
    en: [
      'Whether this server is the right one could not be found out: DNSSEC did not confirm its records (TLSA).',
      'It is tried again by itself. The owner of the server should check the DNSSEC signatures of its domain.',
    ],
    ja: [
      '正しいサーバーかどうかを確認できませんでした。DNSSEC で TLSA レコードを検証できません。',
      '自動的に再送します。サーバーの管理者はドメインの DNSSEC 署名を確かめてください。',
    ],
  },
  daneMismatch: {
    en: [
      'The server shows another certificate than its DNS records (TLSA) say: it is misconfigured, or somebody is in between.',
      'It is tried again by itself. The owner of the server should make its TLSA records and its certificate agree.',
    ],
    ja: [
      '相手のサーバーの証明書が DNS の TLSA レコードと一致しません。設定の誤りか、第三者の介在が考えられます。',
      '自動的に再送します。サーバーの管理者は TLSA レコードと証明書を一致させてください。',
    ],
  },
  daneMissing: {
    en: [
      'A rule of this server asks for proof by DNS (DANE), and the other server has none.',
      'Your administrator should check the rule for this destination.',
    ],
    ja: [
      'こちらの規則が DANE による確認を求めていますが、相手のサーバーにその記録がありません。',
      '管理者はこの宛先の規則を確かめてください。',
    ],
  },
  requireTls: {
    en: [
      'You asked for encryption all the way (REQUIRETLS), and the server does not promise it.',
      'Send the message without that demand, if you can do without.',
    ],
    ja: [
      '全区間の暗号化（REQUIRETLS）を求めましたが、相手のサーバーが対応していません。',
      '差し支えなければ、その指定なしで送ってください。',
    ],
  },
  loginFailed: {
    en: [
      'Our login at the server failed.',
      'Your administrator should check user name and password of the route.',
    ],
    ja: [
      '相手のサーバーへのログインに失敗しました。',
      '管理者は経路のユーザー名とパスワードを確かめてください。',
    ],
  },
  later: {
    en: ['The server could not take the message at the moment.', 'It is tried again by itself.'],
    ja: ['相手のサーバーが今は受け取れませんでした。', '自動的に再送します。'],
  },
  refused: {
    en: [
      'The server refused the message.',
      'The reply of the server may say why; ask the recipient or your administrator.',
    ],
    ja: [
      '相手のサーバーがメールを断りました。',
      '理由はサーバーの返答にあるかもしれません。相手か管理者に尋ねてください。',
    ],
  },
} as const satisfies Record<string, Words>;

export type MeaningKey = keyof typeof meanings;
