/** DKIM verification against generated signatures of every kind, and messages signed by others. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Found } from '../../src/proto/dns/lookup.ts';
import { keyName, keyOf } from '../../src/proto/dkim/key-record.ts';
import { DkimVerifier, type DkimResult } from '../../src/proto/dkim/verify.ts';
import { parseHeaders } from '../../src/proto/mime/headers.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';

type Records = Readonly<Record<string, readonly string[] | string>>;

/** Verifies a whole message, its body in pieces of `pieceBytes`. */
export async function verifyMessage(
  message: Buffer,
  records: Records,
  { nowSeconds = 1_790_000_000, pieceBytes = 100 } = {},
): Promise<DkimResult[]> {
  const block = parseHeaders(message);
  const verifier = new DkimVerifier(message.subarray(0, block.end), block);
  for (let at = block.bodyStart; at < message.length; at += pieceBytes) {
    verifier.body(message.subarray(at, at + pieceBytes));
  }
  return verifier.finish({
    nowSeconds,
    keyOf: async (selector, domain) => keyOf(lookup(records, keyName(selector, domain))),
  });
}

function lookup(records: Records, name: string): Found<string> {
  const found = records[name.toLowerCase()];
  if (typeof found === 'object') return { is: 'records', records: found };
  return found === 'SERVFAIL'
    ? { is: 'failure', reason: 'servfail' }
    : { is: 'nxDomain', canonicalName: name };
}

interface Case {
  readonly file: string;
  readonly signatures: readonly (readonly string[])[];
  readonly note: string;
}

test(
  'dkim-generated: each signature has the result that RFC 6376 gives it',
  skipWithout('dkim-generated'),
  async () => {
    const folder = conformanceFolder('dkim-generated')!;
    const cases = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Case[];
    const records = JSON.parse(readFileSync(join(folder, 'dns.json'), 'utf8')) as Records;
    const wrong: string[] = [];
    for (const { file, signatures, note } of cases) {
      const message = readFileSync(join(folder, file));
      for (const pieceBytes of [1, 7, message.length]) {
        const results = await verifyMessage(message, records, { pieceBytes });
        assert.equal(results.length, signatures.length, file);
        for (const [i, { result, why }] of results.entries()) {
          if (!signatures[i]!.includes(result))
            wrong.push(`${file} (${note}): ${result} ${why}, not ${String(signatures[i])}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  },
);

const crlf = (text: string): Buffer => Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1');

test('dkim-samples: messages signed by others pass', skipWithout('dkim-samples'), async () => {
  const folder = conformanceFolder('dkim-samples')!;
  const read = (name: string): string => readFileSync(join(folder, name), 'latin1');
  const pem = read('mimekit/gmail.pub').replace(/-----[A-Z ]+-----|\s/g, '');
  const gmail = { '20120113._domainkey.gmail.com': [`v=DKIM1; k=rsa; p=${pem}`] };
  const passes = async (
    name: string,
    message: Buffer,
    records: Records,
    nowSeconds: number,
  ): Promise<void> => {
    const results = await verifyMessage(message, records, { nowSeconds });
    const told = results.map(({ result, why }) => `${result}${why}`);
    assert.deepEqual(told, results.length === 2 ? ['pass', 'pass'] : ['pass'], name);
  };
  for (const name of ['gmail', 'related', 'multipart-no-end-boundary']) {
    await passes(name, crlf(read(`mimekit/${name}.msg`)), gmail, 1_500_000_000);
  }
  const blocks = ['001', '002'].map((name) => {
    const text = read(`mail-auth/${name}.txt`);
    const blank = text.search(/\r?\n\r?\n/);
    const lines = text.slice(0, blank).split(/\r?\n/);
    const records = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(' ')).replace(/\.$/, ''),
        [line.slice(line.indexOf(' ') + 1)],
      ]),
    );
    return { name, records, message: crlf(text.slice(blank).replace(/^[\r\n]+/, '')) };
  });
  for (const { name, message, records } of blocks) await passes(name, message, records, 1_667_843_664);
  await passes('rfc8463', crlf(read('mimekit/rfc8463-example.msg')), blocks[0]!.records, 1_667_843_664);
});
