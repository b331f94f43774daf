/** A resolver as settings name it: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`. */
import type { DnsServer } from '../net/resolver.ts';

export function dnsServer(text: string, trusted: boolean): DnsServer {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  if (match === null) return { ip: text.replaceAll(/[[\]]/g, ''), trusted };
  return { ip: (match[1] ?? match[2])!, port: Number(match[3]), trusted };
}
