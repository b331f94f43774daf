/**
 * Signing: whole mails with DKIM signatures, against what the processor gives for the bare signatures alone (`crypto.sign` in the same pool of threads). The rest
 * is reading the header, hashing the body, writing the fields. Many short rounds, each compared within itself: whatever else the machine does meanwhile does it to both.
 *
 *   npm run bench -- dkim [--json] [--rounds 24] [--seconds 0.25] [--size 4096] [--at-once 32]
 */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { parseArgs } from 'node:util';
import { DkimSigner } from '../src/proto/dkim/sign.ts';
import { signingKey, type SigningKey } from '../src/proto/dkim/signing-key.ts';
import { parseHeaders } from '../src/proto/mime/headers.ts';
import { machineLine } from './peers.ts';
import { finish, median, Results, rounded } from './rounds.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '24' },
    seconds: { type: 'string', default: '0.25' },
    size: { type: 'string', default: '4096' },
    'at-once': { type: 'string', default: '32' },
  },
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const header = Buffer.from(
  [
    'From: Alice Example <alice@example.test>',
    'To: Bob Example <bob@there.test>',
    'Subject: Minutes of the meeting of Tuesday',
    'Date: Tue, 24 Nov 2026 11:41:50 +0000',
    `Message-ID: <${randomBytes(16).toString('hex')}@example.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 7bit',
    '',
  ].join('\r\n'),
);
const line = 'A line of text as people write them, with some words and a full stop.\r\n';
const body = Buffer.from(line.repeat(Math.ceil(Number(values.size) / line.length)));
/** As much as is signed of such a header. */
const data = randomBytes(900);

const bare = (digest: string | null, key: KeyObject): Promise<unknown> =>
  new Promise((resolve, reject) => {
    sign(digest, data, key, (error, signature) => (error ? reject(error) : resolve(signature)));
  });

async function mail(keys: readonly SigningKey[]): Promise<void> {
  const signer = new DkimSigner(header, parseHeaders(header), { keys, nowSeconds: 1_790_000_000 });
  signer.body(body);
  await signer.finish();
}

const ours = [signingKey('example.test', 'r1', rsa), signingKey('example.test', 'e1', ed25519)];
const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  'crypto.sign, RSA': () => bare('sha256', rsa),
  'mails, RSA': () => mail(ours.slice(0, 1)),
  'crypto.sign, RSA and Ed25519': () => Promise.all([bare('sha256', rsa), bare(null, ed25519)]),
  'mails, RSA and Ed25519': () => mail(ours),
};

interface Measured {
  readonly perSecond: number;
  readonly cpuUs: number;
}

async function measure(work: () => Promise<unknown>, seconds: number): Promise<Measured> {
  let done = 0;
  const before = process.cpuUsage();
  const startMs = performance.now();
  const untilMs = startMs + seconds * 1000;
  const worker = async (): Promise<void> => {
    for (; performance.now() < untilMs; done++) await work();
  };
  await Promise.all(Array.from({ length: Number(values['at-once']) }, worker));
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (done / (performance.now() - startMs)) * 1000, cpuUs: (user + system) / done };
}

console.log(`${machineLine()}; RSA of 2048 bits, ${body.length} bytes of text`);
const results = new Results<Measured>();
for (const work of Object.values(ways)) await measure(work, 0.3);
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const [name, work] of Object.entries(ways)) {
    const result = await measure(work, Number(values.seconds));
    results.add(name, result);
  }
}
for (const name of Object.keys(ways))
  console.log(
    `${name.padEnd(29)} ${results
      .of(name, (one) => one.perSecond)
      .toFixed(0)
      .padStart(6)}/s  ${results.of(name, (one) => one.cpuUs).toFixed(0)} us CPU`,
  );
/** Of mails to bare signatures, round by round. */
const ratio = (keys: string, figure: (one: Measured) => number): number => {
  const bare = results.all(`crypto.sign, ${keys}`);
  const mails = results.all(`mails, ${keys}`);
  return rounded(median(mails.map((one, round) => figure(one) / figure(bare[round]!))), 3);
};
finish(
  {
    ratio: ratio('RSA', (one) => one.perSecond),
    ratioWithEd25519: ratio('RSA and Ed25519', (one) => one.perSecond),
    cpuRatio: ratio('RSA', (one) => 1 / one.cpuUs),
    cpuRatioWithEd25519: ratio('RSA and Ed25519', (one) => 1 / one.cpuUs),
    mailsPerSecond: Math.round(results.of('mails, RSA and Ed25519', (one) => one.perSecond)),
  },
  values.json,
);
