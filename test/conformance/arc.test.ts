/** ARC: the test suite of ValiMail, validation and sealing. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { Keys } from '../../src/proto/dkim/verify.ts';
import { keyName, keyOf } from '../../src/proto/dkim/key-record.ts';
import { ArcVerifier, type ArcResult } from '../../src/proto/arc/verify.ts';
import { ArcSealer } from '../../src/proto/arc/seal.ts';
import { parseResults } from '../../src/proto/authres/parse.ts';
import { signingKey } from '../../src/proto/dkim/signing-key.ts';
import { fieldText, findFields, parseHeaders } from '../../src/proto/mime/headers.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';

interface Scenario<T> {
  readonly description: string;
  readonly tests: Readonly<Record<string, T>>;
  readonly 'txt-records'?: Readonly<Record<string, string>>;
  readonly txt_records?: Readonly<Record<string, string>>;
}

interface Validation {
  readonly message: string;
  readonly cv: string | null;
  readonly description: string;
}

function scenarios<T>(file: string): Scenario<T>[] {
  const text = readFileSync(join(conformanceFolder('arc-valimail')!, file), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Scenario<T>);
}

function keysOf(scenario: Scenario<unknown>): Keys {
  const records = scenario['txt-records'] ?? scenario.txt_records ?? {};
  return {
    nowSeconds: 1_500_000_000,
    keyOf: async (selector, domain) => {
      const text = records[keyName(selector, domain)];
      return keyOf(
        text === undefined ? { is: 'nxDomain', canonicalName: '' } : { is: 'records', records: [text] },
      );
    },
  };
}

async function validate(message: Buffer, keys: Keys): Promise<ArcResult> {
  const block = parseHeaders(message);
  const verifier = new ArcVerifier(message.subarray(0, block.end), block);
  verifier.body(message.subarray(block.bodyStart));
  return verifier.finish(keys);
}

const crlf = (text: string): Buffer => Buffer.from(text.replace(/\r?\n/g, '\r\n'));

test('arc-valimail: every chain is judged as the suite judges it', skipWithout('arc-valimail'), async () => {
  const wrong: string[] = [];
  let count = 0;
  for (const scenario of scenarios<Validation>('arc-draft-validation-tests.yml')) {
    for (const [name, { message, cv, description }] of Object.entries(scenario.tests)) {
      count += 1;
      const { result, why } = await validate(crlf(message), keysOf(scenario));
      // What the suite leaves empty has failed before: nobody adds anything to such a chain.
      const wanted = cv?.trim().toLowerCase() || 'fail';
      if (result !== wanted) wrong.push(`${name} (${description}): ${result} ${why}, not ${wanted}`);
    }
  }
  assert.equal(count, 171);
  assert.deepEqual(wrong, []);
});

interface Sealing {
  readonly message: string;
  readonly t: number;
  readonly 'sig-headers': string;
  readonly 'srv-id': string;
  readonly AS: string;
  readonly AMS: string;
  readonly AAR: string;
}

interface SealingScenario extends Scenario<Sealing> {
  readonly domain: string;
  readonly sel: string;
  readonly privatekey: string;
}

/** What the suite's own server found, put together from the fields with its id, in their words. */
function resultsOf(message: Buffer, id: string): string {
  const block = parseHeaders(message);
  const parts = findFields(block, 'authentication-results')
    .map((field) => fieldText(message, field).trim())
    .filter((text) => parseResults(text).authservId === id)
    .map((text) => text.slice(text.indexOf(';') + 1).trim());
  return [id, ...parts].join('; ');
}

const bare = (text: string): string => text.replace(/\s+/g, '');

test(
  'arc-valimail: every seal is octet for octet that of the suite',
  skipWithout('arc-valimail'),
  async () => {
    let count = 0;
    for (const scenario of scenarios<Sealing>('arc-draft-sign-tests.yml') as SealingScenario[]) {
      const key = signingKey(scenario.domain, scenario.sel, createPrivateKey(scenario.privatekey));
      for (const [name, given] of Object.entries(scenario.tests)) {
        count += 1;
        const message = crlf(given.message);
        const block = parseHeaders(message);
        const header = message.subarray(0, block.end);
        const sealer = new ArcSealer(header, block, {
          key,
          nowSeconds: given.t,
          names: given['sig-headers'].split(':'),
          unfolded: true,
        });
        sealer.body(message.subarray(block.bodyStart));
        const chain = await validate(message, keysOf(scenario));
        const text = await sealer.finish(resultsOf(message, given['srv-id']), chain);
        const fields = parseHeaders(Buffer.from(text)).fields;
        const made = (field: string): string => {
          const found = fields.find((one) => one.name === field);
          return found === undefined ? '' : bare(fieldText(Buffer.from(text), found));
        };
        assert.equal(made('arc-authentication-results'), bare(given.AAR ?? ''), name);
        assert.equal(made('arc-message-signature'), bare(given.AMS ?? ''), name);
        assert.equal(made('arc-seal'), bare(given.AS ?? ''), name);
      }
    }
    assert.equal(count, 17);
  },
);
