/** TXT `_smtp._tls.<domain>`: where a domain wants its TLS reports (RFC 8460, 3). */

export type TlsReportTarget =
  | { readonly is: 'mail'; readonly address: string }
  | { readonly is: 'https'; readonly url: string };

const version = /^v[ \t]*=[ \t]*TLSRPTv1[ \t]*(?:;|$)/;
const targetsMax = 5;
const urisMax = 20;

/** Undefined: none, or more than one, which counts as none. */
export function readTlsReportRecords(texts: readonly string[]): readonly TlsReportTarget[] | undefined {
  const records = texts.filter((text) => version.test(text));
  if (records.length !== 1) return undefined;
  const field = records[0]!
    .split(';')
    .map((one) => /^\s*rua\s*=\s*(.*?)\s*$/i.exec(one)?.[1])
    .find((value) => value !== undefined);
  const uris = (field ?? '').split(',').slice(0, urisMax);
  return uris.flatMap((uri) => targetOf(uri.trim()) ?? []).slice(0, targetsMax);
}

function targetOf(uri: string): TlsReportTarget | undefined {
  if (/^mailto:/i.test(uri)) {
    const [escaped] = uri.slice('mailto:'.length).split('?');
    try {
      const address = decodeURIComponent(escaped!);
      return /^[^@\s,<>]+@[^@\s,<>]+$/.test(address) ? { is: 'mail', address } : undefined;
    } catch {
      return undefined;
    }
  }
  if (!/^https:\/\//i.test(uri) || !URL.canParse(uri)) return undefined;
  const { username, password } = new URL(uri);
  return username === '' && password === '' ? { is: 'https', url: uri } : undefined;
}
