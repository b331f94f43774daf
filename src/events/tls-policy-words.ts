/** Policies on encryption in words: which one a delivery came under, whether the server kept it, and if not, what was wrong. */
import type { TlsInfo, TlsPolicy, TlsProblem } from './event.ts';

const problemsEn: Readonly<Record<TlsProblem, string>> = {
  'starttls-not-supported': 'the server does not offer encryption',
  'certificate-host-mismatch': 'the certificate is for another name',
  'certificate-expired': 'the certificate has expired',
  'certificate-not-trusted': 'no known authority vouches for the certificate',
  'validation-failure': 'the server did not prove itself',
  'tlsa-invalid': 'the TLSA records cannot be used',
  'dnssec-invalid': 'DNSSEC could not confirm the records',
  'dane-required': 'there is no TLSA record that DNSSEC vouches for',
  'sts-policy-fetch-error': 'the policy could not be fetched',
  'sts-policy-invalid': 'the policy cannot be read',
  'sts-webpki-invalid': 'the server of the policy did not prove itself',
};

const problemsJa: Readonly<Record<TlsProblem, string>> = {
  'starttls-not-supported': '相手のサーバーが暗号化に対応していません',
  'certificate-host-mismatch': '証明書の名前が違います',
  'certificate-expired': '証明書の期限が切れています',
  'certificate-not-trusted': '証明書を信頼できる認証局が発行していません',
  'validation-failure': '相手のサーバーを確認できませんでした',
  'tlsa-invalid': 'TLSA レコードが使えない内容です',
  'dnssec-invalid': 'DNSSEC でレコードを検証できませんでした',
  'dane-required': 'DNSSEC で検証できる TLSA レコードがありません',
  'sts-policy-fetch-error': 'ポリシーを取得できませんでした',
  'sts-policy-invalid': 'ポリシーの内容が不正です',
  'sts-webpki-invalid': 'ポリシーのサーバーを確認できませんでした',
};

const inBrackets = (text: string): string => (text === '' ? '' : ` (${text})`);
const inJapaneseBrackets = (text: string): string => (text === '' ? '' : `（${text}）`);

function nameEn({ is, of, detail }: TlsPolicy): string {
  const names: Readonly<Record<TlsPolicy['is'], string>> = {
    rule: `the rule for ${of}${inBrackets(detail)}`,
    dane: `DANE of ${of}${inBrackets(detail)}`,
    sts: `MTA-STS of ${of}${inBrackets(detail)}`,
    requireTls: 'the sender asks for encryption all the way (REQUIRETLS)',
    waived: 'the sender asks not to insist on encryption (TLS-Required: No)',
  };
  return names[is];
}

function nameJa({ is, of, detail }: TlsPolicy): string {
  const names: Readonly<Record<TlsPolicy['is'], string>> = {
    rule: `${of} の規則${inJapaneseBrackets(detail)}`,
    dane: `${of} の DANE${inJapaneseBrackets(detail)}`,
    sts: `${of} の MTA-STS${inJapaneseBrackets(detail)}`,
    requireTls: '差出人が全区間の暗号化（REQUIRETLS）を要求',
    waived: '差出人が暗号化を必須としない指定（TLS-Required: No）',
  };
  return names[is];
}

export function tlsPolicyEn(policy: TlsPolicy): string {
  const { is, problem, why = '' } = policy;
  const start = `encryption policy: ${nameEn(policy)}`;
  if (is === 'waived') return start;
  return problem === undefined
    ? `${start}: kept`
    : `${start}: not kept: ${problemsEn[problem]}${inBrackets(why)}`;
}

export function tlsPolicyJa(policy: TlsPolicy): string {
  const { is, problem, why = '' } = policy;
  const start = `暗号化の方針: ${nameJa(policy)}`;
  if (is === 'waived') return start;
  return problem === undefined
    ? `${start}: 満たしています`
    : `${start}: 満たしていません。${problemsJa[problem]}${inJapaneseBrackets(why)}`;
}

export function tlsEn({ version, cipher, verified, byDane, unverified }: TlsInfo): string {
  const proof = byDane ? ', proved by DANE' : verified ? ', certificate valid' : '';
  return `encrypted: ${version}, ${cipher}${proof}${unverified ? `, certificate not valid (${unverified})` : ''}`;
}

export function tlsJa({ version, cipher, verified, byDane, unverified }: TlsInfo): string {
  const proof = byDane ? '、DANE で確認済み' : verified ? '、証明書は有効' : '';
  return `暗号化 ${version}、${cipher}${proof}${unverified ? `、証明書は無効（${unverified}）` : ''}`;
}
