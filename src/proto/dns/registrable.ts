/** The part of a name that somebody registered, by the Public Suffix List (publicsuffix.org). What belongs together for people; DMARC asks DNS instead. */
import { getDomain } from 'tldts';

/** `example.co.jp` of `mail.example.co.jp`; undefined for a public suffix itself, or what is no name. */
export function registrableDomain(name: string): string | undefined {
  if (name.startsWith('.')) return undefined;
  return getDomain(name, { allowPrivateDomains: true, extractHostname: false }) ?? undefined;
}
