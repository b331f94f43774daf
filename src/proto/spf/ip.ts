/** IP addresses as SPF compares and writes them (RFC 7208, 5.6, 7.4). */

/** 4 or 16 octets. */
export type Ip = Uint8Array;

/** An IPv4-mapped IPv6 address is the IPv4 address (RFC 7208, 5). Undefined when it is no address. */
export function parseIp(text: string): Ip | undefined {
  const four = parseIpv4(text);
  if (four) return four;
  const six = parseIpv6(text);
  return six && isMapped(six) ? six.subarray(12) : six;
}

export function parseIpv4(text: string): Ip | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const octets = match.slice(1).map(Number);
  if (octets.some((octet, i) => octet > 255 || String(octet) !== match[i + 1])) return undefined;
  return Uint8Array.from(octets);
}

/** RFC 4291, 2.2. */
export function parseIpv6(text: string): Ip | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0]!, halves.length === 1);
  const tail = halves.length === 1 ? [] : groups(halves[1]!, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...head, ...Array<number>(missing).fill(0), ...tail]);
}

/** The octets of groups between colons; the last may be an IPv4 address when they end the text. */
function groups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const octets: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const four = last && i === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
    if (four) octets.push(...four);
    else if (/^[0-9a-f]{1,4}$/i.test(part))
      octets.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255);
    else return undefined;
  }
  return octets;
}

const isMapped = (ip: Ip): boolean =>
  ip.subarray(0, 10).every((octet) => octet === 0) && ip[10] === 0xff && ip[11] === 0xff;

/** Whether the first `prefix` bits are the same. Addresses of two families never match. */
export function matches(a: Ip, b: Ip, prefix: number): boolean {
  if (a.length !== b.length) return false;
  const whole = prefix >> 3;
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false;
  const rest = prefix & 7;
  return rest === 0 || (a[whole]! ^ b[whole]!) >> (8 - rest) === 0;
}

/** `%{i}`: dotted decimal, or the nibbles of an IPv6 address with dots between, in capitals as the openspf suite has them. */
export function dotted(ip: Ip): string {
  if (ip.length === 4) return ip.join('.');
  const nibbles = [...ip].flatMap((octet) => [octet >> 4, octet & 15]);
  return nibbles.map((nibble) => nibble.toString(16).toUpperCase()).join('.');
}

/** As people write it: RFC 5952. */
export function formatIp(ip: Ip): string {
  if (ip.length === 4) return ip.join('.');
  const words = Array.from({ length: 8 }, (_, i) => (ip[2 * i]! << 8) | ip[2 * i + 1]!);
  const run = longestZeros(words);
  const hex = (some: readonly number[]): string => some.map((word) => word.toString(16)).join(':');
  if (run.length < 2) return hex(words);
  return `${hex(words.slice(0, run.start))}::${hex(words.slice(run.start + run.length))}`;
}

function longestZeros(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
