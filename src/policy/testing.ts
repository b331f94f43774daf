/** For tests of whatever authenticates: DNS as a table, and mail signed by domains of that table. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ArcSealer } from '../proto/arc/seal.ts';
import { ArcVerifier } from '../proto/arc/verify.ts';
import { keyOf } from '../proto/dkim/key-record.ts';
import { DkimSigner, signedNames } from '../proto/dkim/sign.ts';
import { keyRecordText, signingKey } from '../proto/dkim/signing-key.ts';
import type { Found, NameLookup } from '../proto/dns/lookup.ts';
import { parseHeaders } from '../proto/mime/headers.ts';

export const testNowSeconds = 1_790_000_000;
const selector = 's1';

let shared: KeyObject | undefined;
/** One key for all: it takes a while to make. */
const key = (): KeyObject => (shared ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);

export interface TestDns extends NameLookup {
  /** TXT records by name. Names in `silent` are not answered for. */
  readonly texts: Map<string, readonly string[]>;
  readonly addresses: Map<string, readonly string[]>;
  readonly failing: Set<string>;
  /** Never answers for these. */
  readonly silent: Set<string>;
  readonly asked: string[];
}

/** The key of `signedBy` is published for each of `signers`. */
export function testDns(texts: Readonly<Record<string, string>>, signers: readonly string[] = []): TestDns {
  const dns = {
    texts: new Map(Object.entries(texts).map(([name, text]) => [name, [text]])),
    addresses: new Map<string, readonly string[]>(),
    failing: new Set<string>(),
    silent: new Set<string>(),
    asked: [] as string[],
  };
  for (const domain of signers) dns.texts.set(`${selector}._domainkey.${domain}`, [keyRecordText(key())]);
  const answer = async <T>(name: string, records: readonly T[] | undefined): Promise<Found<T>> => {
    dns.asked.push(name);
    if (dns.silent.has(name)) return new Promise(() => {});
    if (dns.failing.has(name)) return { is: 'failure', reason: 'timeout' };
    return records ? { is: 'records', records } : { is: 'nxDomain', canonicalName: name };
  };
  return {
    ...dns,
    txt: (name) => answer(name, dns.texts.get(name)),
    a: (name) => answer(name, dns.addresses.get(name)),
    aaaa: (name) => answer<string>(name, undefined),
    mx: (name) => answer<{ preference: number; exchange: string }>(name, undefined),
    ptr: (ip) => answer<string>(ip, undefined),
  };
}

/** The message with a signature of the domain on top. */
export async function signedBy(domain: string, message: string): Promise<string> {
  const bytes = Buffer.from(message);
  const block = parseHeaders(bytes);
  const keys = [signingKey(domain, selector, key())];
  const signer = new DkimSigner(bytes.subarray(0, block.end), block, { keys, nowSeconds: testNowSeconds });
  signer.body(bytes.subarray(block.bodyStart));
  return (await signer.finish()) + message;
}

/** The message as a forwarder sends it on, who found `results`. `unsigned`: a field that his signature leaves out. */
export async function sealedBy(
  domain: string,
  message: string,
  results: string,
  unsigned = '',
): Promise<string> {
  const bytes = Buffer.from(message);
  const block = parseHeaders(bytes);
  const header = bytes.subarray(0, block.end);
  const names = signedNames(block).filter((name) => name !== unsigned);
  const sealing = { key: signingKey(domain, selector, key()), nowSeconds: testNowSeconds, names };
  const sealer = new ArcSealer(header, block, sealing);
  const verifier = new ArcVerifier(header, block);
  for (const one of [sealer, verifier]) one.body(bytes.subarray(block.bodyStart));
  const record = keyRecordText(key());
  const chain = await verifier.finish({
    nowSeconds: testNowSeconds,
    keyOf: async () => keyOf({ is: 'records', records: [record] }),
  });
  return (await sealer.finish(results, chain)) + message;
}
