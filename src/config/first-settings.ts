/** The settings file of a new server: what was chosen, with remarks that say what it does and what else there is. */
import type { ListenerSettings, Settings } from './schema.ts';

export interface FirstSettings {
  readonly hostname: string;
  readonly data: string;
  readonly language: Settings['language'];
  readonly store: { readonly engine: Settings['store']['engine']; readonly url: string };
  readonly listeners: readonly Pick<ListenerSettings, 'kind' | 'host' | 'port'>[];
  readonly certificate: { readonly certificate: string; readonly key: string } | undefined;
}

/** TOML's basic strings are those of JSON, save that DEL is escaped too (TOML 1.0, string). */
const quoted = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007F');

export function firstSettings(of: FirstSettings): string {
  const say = remarks[of.language];
  return [
    ...comment(say.head),
    '',
    ...comment(say.hostname),
    `hostname = ${quoted(of.hostname)}`,
    '',
    ...comment(say.data),
    `data = ${quoted(of.data)}`,
    '',
    ...comment(say.language),
    `language = ${quoted(of.language)}`,
    '',
    ...store(of, say),
    ...of.listeners.flatMap((one) => listener(one, say)),
    ...certificate(of, say),
    ...comment(say.smartHost),
    '# [[routes]]',
    '# domain = "*"',
    '# hosts = ["smtp.provider.example:587"]',
    '# tls = "verified"',
    '# username = "me"',
    '# password = "env:SMART_HOST_PASSWORD"',
    '',
  ].join('\n');
}

const comment = (text: string): string[] => text.split('\n').map((line) => `# ${line}`);

function store({ store: { engine, url } }: FirstSettings, say: Remarks): string[] {
  if (engine === 'sqlite') return [...comment(say.sqlite), '[store]', 'engine = "sqlite"', ''];
  return [...comment(say.postgres), '[store]', 'engine = "postgres"', `url = ${quoted(url)}`, ''];
}

function listener({ kind, host, port }: FirstSettings['listeners'][number], say: Remarks): string[] {
  const about = say.listeners[kind];
  return [
    ...(about === undefined ? [] : comment(about)),
    '[[listeners]]',
    `kind = ${quoted(kind)}`,
    `host = ${quoted(host)}`,
    `port = ${port}`,
    '',
  ];
}

function certificate({ certificate: files }: FirstSettings, say: Remarks): string[] {
  if (files !== undefined) {
    return [
      ...comment(say.certificate),
      '[[tls.certificates]]',
      `certificate = ${quoted(files.certificate)}`,
      `key = ${quoted(files.key)}`,
      '',
    ];
  }
  return [
    ...comment(say.selfSigned),
    '# [[tls.certificates]]',
    '# certificate = "/path/of/fullchain.pem"',
    '# key = "/path/of/privkey.pem"',
    '',
  ];
}

interface Remarks {
  readonly head: string;
  readonly hostname: string;
  readonly data: string;
  readonly language: string;
  readonly sqlite: string;
  readonly postgres: string;
  readonly listeners: Partial<Readonly<Record<ListenerSettings['kind'], string>>>;
  readonly certificate: string;
  readonly selfSigned: string;
  readonly smartHost: string;
}

const en: Remarks = {
  head: 'Settings of Hikyaku. All of them, with their defaults: "hikyaku settings".\nAfter a change: "hikyaku serve --check", then reload (SIGHUP) for certificates and routes, restart for the rest.',
  hostname: 'The name of this server for other servers: its address record and its reverse name must match.',
  data: 'All mail is in this folder.',
  language: 'Of notices to people whose own language is not known: en or ja.',
  sqlite: 'Where mail is kept: on this machine.',
  postgres: 'Where mail is kept. The URL has a password: keep this file to yourself, or write "env:NAME".',
  listeners: {
    mx: 'Mail from other servers.',
    submissions: 'Mail of our users: TLS from the first byte, what mailers should use.',
    submission: 'Mail of our users: STARTTLS, for older mailers.',
    imaps: 'Reading by IMAP: TLS from the first byte.',
    imap: 'Reading by IMAP: STARTTLS, for older mailers.',
    pop3s: 'Reading by POP3.',
    managesieve: 'Filter scripts, written by mailers.',
    http: 'The HTTP API, /healthz and /metrics: for this machine only. From elsewhere use kind = "https".',
  },
  certificate: 'The certificate with its chain, and its key. Both are read again on a reload.',
  selfSigned:
    'No certificate is named, so a self-signed one is made: mail flows, but mailers warn. Name a real one here.',
  smartHost: 'If the provider blocks port 25 to other servers, mail goes out by its relay (smart host):',
};

const ja: Remarks = {
  head: 'Hikyaku の設定。すべての設定と既定値は「hikyaku settings」で読めます。\n書き換えたら「hikyaku serve --check」で確かめます。証明書と経路は再読み込み（SIGHUP）で、ほかは再起動で効きます。',
  hostname:
    'ほかのサーバーから見たこのサーバーの名前。アドレスレコードと逆引きが一致している必要があります。',
  data: 'すべてのメールがこのフォルダーに入ります。',
  language: '相手の言語がわからないときの通知の言語: en か ja。',
  sqlite: 'メールの保存先: このマシン。',
  postgres:
    'メールの保存先。URL にはパスワードがあるので、このファイルを他人に見せないか、"env:名前" と書きます。',
  listeners: {
    mx: 'ほかのサーバーからのメール。',
    submissions: '利用者からのメール: 最初から TLS。メールソフトにはこちらを使います。',
    submission: '利用者からのメール: STARTTLS。古いメールソフト用。',
    imaps: 'IMAP で読む: 最初から TLS。',
    imap: 'IMAP で読む: STARTTLS。古いメールソフト用。',
    pop3s: 'POP3 で読む。',
    managesieve: 'メールソフトから書くフィルター（Sieve）。',
    http: 'HTTP API と /healthz と /metrics: このマシンからだけ。外から使うには kind = "https"。',
  },
  certificate: '証明書（中間証明書を含む）と秘密鍵。再読み込みのたびに読み直します。',
  selfSigned:
    '証明書の指定がないので自己署名証明書を作ります。メールは流れますが、メールソフトは警告します。本物をここに書いてください。',
  smartHost: 'プロバイダーが外への 25 番ポートを塞いでいる（OP25B）ときは、その中継サーバーを経由します:',
};

const remarks: Readonly<Record<Settings['language'], Remarks>> = { en, ja };
