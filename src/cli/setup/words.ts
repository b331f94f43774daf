/** What `hikyaku setup` says, in each language. Both have the same keys: the compiler sees to it. */
import type { BindAnswer, CertificateProblem } from '../../app/machine.ts';
import type { State } from '../../app/founding.ts';
import type { Language } from '../language.ts';

export interface SetupWords {
  readonly welcome: string;
  readonly askHostname: string;
  readonly askDomain: string;
  readonly askOrg: string;
  readonly askAdmin: string;
  readonly noHostname: string;
  notHostname(text: string): string;
  notDomain(text: string): string;
  notAdmin(text: string, domain: string): string;
  notStore(text: string): string;
  notOneOf(values: readonly string[]): string;
  readonly bothOrNone: string;
  readonly nobodyToAsk: string;
  problems(count: number): string;
  bind(why: Exclude<BindAnswer, 'free'>, place: string, port: number): string;
  certificate(problem: CertificateProblem, hostname: string): string;
  notWritable(path: string, why: string): string;
  otherHostname(config: string, there: string): string;
  readonly plan: string;
  planned(what: 'config' | 'data' | 'store' | 'certificate' | 'ports' | 'unit'): string;
  readonly selfSigned: string;
  readonly goOn: string;
  readonly nothingDone: string;
  state(state: State): string;
  item(what: 'config' | 'org' | 'domain' | 'admin' | 'unit' | 'user' | 'command'): string;
  password(password: string): string;
  readonly dnsHead: string;
  readonly columns: readonly [type: string, name: string, value: string, purpose: string];
  readonly addressUnknown: string;
  readonly nextHead: string;
  readonly next: {
    dns(domain: string, command: string): string;
    ptr(hostname: string): string;
    port25(): string;
    check(command: string): string;
    start(command: string): string;
    enable(): string;
    certificate(config: string): string;
    mailer(hostname: string, login: string, ports: string): string;
    more(command: string): string;
  };
}

const en: SetupWords = {
  welcome: 'A few questions; what stands in brackets is taken when you just press Enter.\n',
  askHostname: 'Name of this server, as mail.example.jp',
  askDomain: 'Domain of your addresses',
  askOrg: 'Name of your organisation',
  askAdmin: 'Address of the administrator',
  noHostname: '<hostname>: say the name of this server, as mail.example.jp',
  notHostname: (text) =>
    `"${text}" is not the full name of a host on the Internet: it is like mail.example.jp, and has an address record`,
  notDomain: (text) => `"${text}" is not a domain on the Internet`,
  notAdmin: (text, domain) => `"${text}" is not an address in ${domain}`,
  notStore: (text) => `"${text}" is neither sqlite nor the URL of a PostgreSQL database (postgres://…)`,
  notOneOf: (values) => `must be one of ${values.join(', ')}`,
  bothOrNone: 'a certificate and its key come together',
  nobodyToAsk: 'there is no terminal to ask questions at: say --yes, and by flags what is not usual',
  problems: (count) =>
    count === 1 ? 'This cannot be done yet:' : 'This cannot be done yet, for several reasons:',
  bind: (why, place, port) =>
    ({
      taken: `${place} is taken by another program (find it with: ss -ltnp "sport = :${port}"); stop it, or choose --ports high`,
      denied: `${place}: only root may listen there; run this with sudo, or choose --ports high`,
      noAddress: `${place}: this machine does not have the address (--bind)`,
      failed: `${place}: nothing can listen there`,
    })[why],
  certificate: (problem, hostname) => {
    if (problem.is === 'unreadable') return `${problem.file}: ${problem.why}`;
    return {
      otherKey: '--key: is not the key of that certificate',
      expired: '--cert: the certificate is over',
      otherName: `--cert: the certificate is not for ${hostname}`,
    }[problem.is];
  },
  notWritable: (path, why) => `${path}: cannot be written (${why})`,
  otherHostname: (config, there) =>
    `${config} is there already, for the server ${there}; --force writes it anew (the old one is kept beside it)`,
  plan: 'This will be made:',
  planned: (what) =>
    ({
      config: 'settings',
      data: 'data',
      store: 'store',
      certificate: 'certificate',
      ports: 'ports',
      unit: 'systemd unit',
    })[what],
  selfSigned: 'self-signed, for now',
  goOn: 'Go on?',
  nothingDone: 'nothing was changed',
  state: (state) => ({ made: 'made', there: 'is there', missing: 'is missing' })[state],
  item: (what) =>
    ({
      config: 'settings',
      org: 'organisation',
      domain: 'domain',
      admin: 'administrator',
      unit: 'systemd unit',
      user: 'user of the service',
      command: 'command',
    })[what],
  password: (password) => `password of the administrator, told this once: ${password}`,
  dnsHead: 'Records for your DNS:',
  columns: ['type', 'name', 'value', 'for'],
  addressUnknown:
    'No public address was found on this machine: put the one under which others reach it, or run setup again with --address.',
  nextHead: 'Next:',
  next: {
    dns: (domain, command) =>
      `Enter the records above where the DNS of ${domain} is kept. Once the server runs, "${command}" prints all of them and looks whether they are there.`,
    ptr: (hostname) =>
      `Have the reverse name of the server's address set to ${hostname}: without it much mail is refused.`,
    port25: () =>
      'Look whether mail may leave: some providers block port 25 outwards. If so, use their relay (the end of the settings file).',
    check: (command) => `Check the settings: ${command}`,
    start: (command) => `Start the server: ${command}`,
    enable: () => 'Start the server, now and at each boot: systemctl enable --now hikyaku',
    certificate: (config) =>
      `Get a certificate that mailers trust and name it in ${config}; until then they warn.`,
    mailer: (hostname, login, ports) => `Set up a mailer: server ${hostname}, login ${login}, ${ports}.`,
    more: (command) => `Make more accounts: ${command}`,
  },
};

const ja: SetupWords = {
  welcome: 'いくつか質問します。[ ] の中でよければそのまま Enter を押してください。\n',
  askHostname: 'このサーバーの名前（例: mail.example.jp）',
  askDomain: 'メールアドレスのドメイン',
  askOrg: '組織の名前',
  askAdmin: '管理者のメールアドレス',
  noHostname: '<hostname>: サーバーの名前を指定してください（例: mail.example.jp）',
  notHostname: (text) =>
    `「${text}」はインターネット上のホストの完全な名前ではありません（mail.example.jp のような名前で、アドレスレコードが要ります）`,
  notDomain: (text) => `「${text}」はインターネット上のドメインではありません`,
  notAdmin: (text, domain) => `「${text}」は ${domain} のメールアドレスではありません`,
  notStore: (text) => `「${text}」は sqlite でも PostgreSQL の URL（postgres://…）でもありません`,
  notOneOf: (values) => `${values.join('、')} のどれかにしてください`,
  bothOrNone: '証明書と秘密鍵は両方指定してください',
  nobodyToAsk: '質問できる端末がありません。--yes をつけ、既定と違うものはフラグで指定してください',
  problems: () => 'まだできません。理由:',
  bind: (why, place, port) =>
    ({
      taken: `${place} はほかのプログラムが使っています（ss -ltnp "sport = :${port}" でわかります）。止めるか、--ports high を使ってください`,
      denied: `${place}: root しか使えないポートです。sudo で実行するか、--ports high を使ってください`,
      noAddress: `${place}: このマシンにそのアドレスはありません（--bind）`,
      failed: `${place}: 待ち受けできません`,
    })[why],
  certificate: (problem, hostname) => {
    if (problem.is === 'unreadable') return `${problem.file}: ${problem.why}`;
    return {
      otherKey: '--key: その証明書の秘密鍵ではありません',
      expired: '--cert: 証明書の期限が切れています',
      otherName: `--cert: ${hostname} の証明書ではありません`,
    }[problem.is];
  },
  notWritable: (path, why) => `${path}: 書き込めません（${why}）`,
  otherHostname: (config, there) =>
    `${config} はサーバー ${there} の設定としてすでにあります。--force で書き直します（古いものは隣に残します）`,
  plan: '次のものを作ります:',
  planned: (what) =>
    ({
      config: '設定',
      data: 'データ',
      store: '保存先',
      certificate: '証明書',
      ports: 'ポート',
      unit: 'systemd ユニット',
    })[what],
  selfSigned: '自己署名（とりあえず）',
  goOn: '進めますか？',
  nothingDone: '何も変更していません',
  state: (state) => ({ made: '作りました', there: 'あります', missing: 'ありません' })[state],
  item: (what) =>
    ({
      config: '設定',
      org: '組織',
      domain: 'ドメイン',
      admin: '管理者',
      unit: 'systemd ユニット',
      user: 'サービスのユーザー',
      command: 'コマンド',
    })[what],
  password: (password) => `管理者のパスワード（一度しか表示しません）: ${password}`,
  dnsHead: 'DNS に登録するレコード:',
  columns: ['種類', '名前', '値', '用途'],
  addressUnknown:
    'このマシンに公開アドレスが見つかりません。外から届くアドレスを入れるか、--address をつけてもう一度実行してください。',
  nextHead: '次にすること:',
  next: {
    dns: (domain, command) =>
      `上のレコードを ${domain} の DNS に登録します。サーバーが動けば「${command}」が全部を表示し、登録されたかを確かめます。`,
    ptr: (hostname) =>
      `サーバーのアドレスの逆引きを ${hostname} にしてもらいます。ないと多くのメールが断られます。`,
    port25: () =>
      'メールが外へ出られるか確かめます。プロバイダーが 25 番ポートを塞いでいる（OP25B）なら、その中継サーバーを使います（設定ファイルの末尾）。',
    check: (command) => `設定を確かめます: ${command}`,
    start: (command) => `サーバーを起動します: ${command}`,
    enable: () => 'サーバーを起動し、次回からも自動で起動します: systemctl enable --now hikyaku',
    certificate: (config) =>
      `メールソフトが信頼する証明書を用意して ${config} に書きます。それまでは警告が出ます。`,
    mailer: (hostname, login, ports) =>
      `メールソフトを設定します: サーバー ${hostname}、ユーザー名 ${login}、${ports}。`,
    more: (command) => `アカウントを増やします: ${command}`,
  },
};

export const setupWords: Readonly<Record<Language, SetupWords>> = { en, ja };
