/**
 * Files that are fetched from where a program says: https alone, only from public addresses, bounded in size and time, so that nobody reads our own network
 * through us. Redirects are followed by the same rules.
 */
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/refusal.ts';
import { parseAddress } from '../net/address-block.ts';
import type { DialGuard } from '../net/dialer.ts';
import { httpsRequest, type HttpsParts } from '../net/https-request.ts';

export const linkMaxBytes = 25 * 1024 * 1024;
const withinMs = 10_000;
const redirectsMax = 3;

export interface LinkParts {
  readonly resolver: HttpsParts['resolver'];
  readonly clock: Clock;
  /** Which addresses may be asked. */
  readonly guard: DialGuard;
  readonly ca?: readonly string[];
}

export interface Fetched {
  readonly bytes: Buffer;
  /** As the server says, or `''`. */
  readonly contentType: string;
  /** The last part of the path, or `''`. */
  readonly filename: string;
}

/** Refusal `invalid` with what is wrong. */
export async function fetchLink(parts: LinkParts, link: string, at: string): Promise<Fetched> {
  const untilMs = parts.clock.monotonicMs() + withinMs;
  let url = checkedUrl(link, parts, at);
  for (let redirects = 0; ; redirects++) {
    const leftMs = untilMs - parts.clock.monotonicMs();
    if (leftMs <= 0) throw unfetched('took too long', at);
    const answer = await httpsRequest(parts, {
      host: bareHost(url),
      path: url.pathname + url.search,
      ...(url.port !== '' && { port: Number(url.port) }),
      answerMaxBytes: linkMaxBytes,
      timeoutMs: leftMs,
    });
    if (answer.is === 'failure') throw unfetched(failures[answer.reason] ?? answer.reason, at);
    const location = answer.headers['location'];
    if (answer.status >= 300 && answer.status < 400 && location !== undefined) {
      if (redirects >= redirectsMax) throw unfetched('leads on and on', at);
      url = checkedUrl(URL.canParse(location, url) ? new URL(location, url).href : '', parts, at);
      continue;
    }
    if (answer.status !== 200) throw unfetched(`answered ${answer.status}`, at);
    const contentType = answer.headers['content-type'] ?? '';
    return { bytes: answer.body, contentType, filename: nameOf(url) };
  }
}

function checkedUrl(link: string, { guard }: LinkParts, at: string): URL {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (url === undefined || url.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw new Refusal('invalid', 'must be an https URL without credentials', { at });
  const host = bareHost(url);
  if (parseAddress(host) !== undefined && !guard(host)) throw unfetched(failures.dns, at);
  return url;
}

const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

function nameOf({ pathname }: URL): string {
  const last = pathname.slice(pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(last)
      .replace(/[\u0000-\u001f\u007f/\\]/g, '')
      .slice(0, 200);
  } catch {
    return '';
  }
}

/** One text for all that is about where the name leads: whoever asks learns nothing of our network. */
const failures: Readonly<Record<string, string>> & { readonly dns: string } = {
  dns: 'has no public address',
  connect: 'cannot be reached',
  certificate: 'has no valid certificate',
  tls: 'speaks no TLS we know',
  timeout: 'took too long',
  tooLarge: `is larger than ${linkMaxBytes / 1024 / 1024} MiB`,
  broken: 'broke off',
};

const unfetched = (why: string, at: string): Refusal =>
  new Refusal('invalid', `the file could not be fetched: it ${why}`, { at });
