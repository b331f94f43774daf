/**
 * The cookie of a signed-in browser, and what stands against its being used from elsewhere: SameSite=Strict; `Sec-Fetch-Site` and `Origin` where the
 * browser sends them; and for all that changes something a header that no form and no plain link can bring.
 */
import type { Calling, Origin } from '../admin-api/caller.ts';

/** Our page sends it with each request. A page of another origin would have to ask first (CORS), and is told no. */
export const ownPageHeader = 'x-hikyaku-page';

/** `__Host-`: of this host alone, over TLS alone (RFC 6265bis, 4.1.3.2). Without TLS there is only loopback. */
const cookieName = (secure: boolean): string => (secure ? '__Host-hikyaku' : 'hikyaku');
const cookieMax = 8192;

export function sessionToken(header: string | undefined, { secure }: Origin): string | undefined {
  return valueOf(header, cookieName(secure));
}

function valueOf(header: string | undefined, name: string): string | undefined {
  if (header === undefined || header.length > cookieMax) return undefined;
  const wanted = `${name}=`;
  const found = header
    .split(';')
    .map((each) => each.trim())
    .filter((each) => each.startsWith(wanted));
  // Two of one name: somebody has planted one.
  return found.length === 1 ? found[0]!.slice(wanted.length) : undefined;
}

/** `maxAgeSeconds`: undefined ends with the browser, 0 deletes. */
export function setCookie(token: string, { secure }: Origin, maxAgeSeconds: number | undefined): string {
  const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
  return `${cookieName(secure)}=${token}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}${age}`;
}

const harmless = new Set(['GET', 'HEAD']);

/** Whether a request that a cookie came with was made by a page of this server, or for reading by whoever typed its address. */
export function fromOwnPage({ method, headers }: Calling): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (!isOwnOrigin(headers.origin, headers.host)) return false;
  return harmless.has(method) || headers[ownPageHeader] !== undefined;
}

/** `Origin` names no scheme that we could know behind a proxy: host and port are compared. */
function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}

const oidcCookieName = (secure: boolean): string => (secure ? '__Host-hikyaku-oidc' : 'hikyaku-oidc');

/**
 * The cookie of a browser that is away at an identity provider. SameSite=Lax: it must come along when the provider leads the browser back, which is from another
 * site; it proves nothing but that the same browser has begun.
 */
export function oidcCookie(ticket: string, { secure }: Origin, maxAgeSeconds: number): string {
  const safe = secure ? '; Secure' : '';
  return `${oidcCookieName(secure)}=${ticket}; Path=/; HttpOnly; SameSite=Lax${safe}; Max-Age=${maxAgeSeconds}`;
}

export function oidcTicket(header: string | undefined, { secure }: Origin): string | undefined {
  return valueOf(header, oidcCookieName(secure));
}
