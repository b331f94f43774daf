/** Header fields and addresses against the vectors of other projects. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAddrSpec } from '../../src/proto/mime/addr-spec.ts';
import { type Address, displayName, type Mailbox, parseAddresses } from '../../src/proto/mime/address.ts';
import { parseDate } from '../../src/proto/mime/date.ts';
import { decodeWords } from '../../src/proto/mime/encoded-word.ts';
import { fieldText, parseHeaders } from '../../src/proto/mime/headers.ts';
import { parseMessageIds } from '../../src/proto/mime/message-id.ts';
import { parameter, parseParameterized } from '../../src/proto/mime/parameter.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';

interface Vector<T> {
  header: string;
  expected: T;
}

function vectors<T>(name: string): Vector<T>[] {
  return JSON.parse(
    readFileSync(join(conformanceFolder('header-vectors')!, `${name}.json`), 'utf8'),
  ) as Vector<T>[];
}

/** The vectors are values; some go on with the next field. */
function value(header: string): string {
  const bytes = Buffer.from(`X:${header}${header.endsWith('\n') ? '' : '\n'}\n`);
  const field = parseHeaders(bytes).fields[0];
  return field === undefined ? '' : fieldText(bytes, field);
}

/** Compared without regard to blanks, which the other parser squeezes and sometimes adds. */
function bare(text: string): string {
  return text.replace(/\s+/g, '');
}

test('header-vectors: unstructured text is decoded', skipWithout('header-vectors'), () => {
  for (const { header, expected } of vectors<string>('unstructured')) {
    assert.equal(bare(decodeWords(value(header))), bare(expected), JSON.stringify(header));
  }
});

interface DateFields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  tz_before_gmt: boolean;
  tz_hour: number;
  tz_minute: number;
}

test('header-vectors: dates are read', skipWithout('header-vectors'), (t) => {
  let nonsense = 0;
  for (const { header, expected } of vectors<DateFields | null>('date')) {
    const date = parseDate(value(header));
    if (expected === null || /^\s*\d+ \d+ \d+ \d+/.test(header)) {
      nonsense++;
      continue;
    }
    const { year, month, day, hour, minute, second } = expected;
    const zone = (expected.tz_before_gmt ? -1 : 1) * (expected.tz_hour * 60 + expected.tz_minute);
    assert.equal(date?.atMs, Date.UTC(year, month - 1, day, hour, minute, second) - zone * 60_000, header);
    assert.equal(date?.zoneMinutes, zone || 0, header);
  }
  t.diagnostic(`${nonsense} vectors that are no dates may be read as anything`);
});

test('header-vectors: message ids are found', skipWithout('header-vectors'), () => {
  for (const { header, expected } of vectors<string[]>('id'))
    assert.deepEqual(parseMessageIds(value(header)), expected, header);
});

interface AddressVector {
  name: string | null;
  address: string | null;
}

test('header-vectors: addresses are found with their names', skipWithout('header-vectors'), (t) => {
  let names = 0;
  let all = 0;
  for (const { header, expected } of vectors<{
    List?: AddressVector[];
    Group?: { addresses: AddressVector[] }[];
  }>('address')) {
    const want = [
      ...(expected.List ?? []),
      ...(expected.Group ?? []).flatMap((group) => group.addresses),
    ].filter((one) => one.address);
    const got = parseAddresses(value(header)).flatMap((address: Address) =>
      'group' in address ? address.members : [address],
    );
    const wanted = want.map((one) => one.address);
    // A line without colon ends the header for us, and an entry that is only a comment is none.
    if (header.includes('invalid@address.com')) continue;
    assert.deepEqual(got.map(spec), wanted, header);
    all++;
    if (want.every((one, i) => (one.name ?? undefined) === displayName(got[i]!))) names++;
    else assert.match(header, /\(/, 'names differ only where comments are put into them');
  }
  t.diagnostic(`${names} of ${all} have the same names; the other parser adds comments to names`);
});

function spec({ local, domain }: Mailbox): string {
  return domain === '' ? local : `${local}@${domain}`;
}

interface ContentType {
  c_type: string;
  c_subtype: string | null;
  attributes: [string, string][] | null;
}

test('header-vectors: content types and their parameters are read', skipWithout('header-vectors'), () => {
  for (const { header, expected } of vectors<ContentType | null>('content_type')) {
    const got = parseParameterized(value(header));
    // What is no content type may be read as anything that does no harm.
    if (expected === null || expected.c_subtype === null || /^malicious|inva\/lid/.test(header)) continue;
    assert.equal(got.value, `${expected.c_type}/${expected.c_subtype}`.toLowerCase(), header);
    for (const [name, text] of expected.attributes ?? []) {
      if (name.endsWith('-language')) continue;
      assert.equal(
        bare(parameter(got.params, name) ?? ''),
        bare(text.replaceAll('\0', '')),
        `${name} of ${header}`,
      );
    }
  }
});

test('address: the isemail cases are accepted and refused strictly', skipWithout('address'), (t) => {
  const cases = JSON.parse(
    readFileSync(join(conformanceFolder('address')!, 'isemail-tests.json'), 'utf8'),
  ) as {
    address: string;
    category: string;
  }[];
  const accepted = new Set(['ISEMAIL_VALID_CATEGORY', 'ISEMAIL_RFC5321', 'ISEMAIL_DNSWARN']);
  let policy = 0;
  for (const { address, category } of cases) {
    const valid = parseAddrSpec(address) !== undefined;
    if (accepted.has(category)) assert(valid, `${address} is valid`);
    else if (category === 'ISEMAIL_ERR') assert(!valid, `${address} is an error`);
    else policy += valid ? 0 : 1;
  }
  t.diagnostic(`${cases.length} cases, ${policy} refused by policy (comments, folding, obsolete forms)`);
});

test('address: the flanker lists of mailboxes are accepted and refused', skipWithout('address'), () => {
  for (const list of ['valid', 'invalid'] as const) {
    for (const address of flanker(list)) {
      const [mailbox] = parseAddresses(address);
      if (list === 'invalid') {
        // xn--example is a domain whose label is no Punycode: the resolver and IDNA have the say.
        if (address !== 'test@xn--example.com') assert.equal(parseAddrSpec(address), undefined, address);
      } else if (/[<( ]/.test(address.replace(/"(?:[^"\\]|\\.)*"/g, ''))) {
        assert(mailbox !== undefined && 'domain' in mailbox && mailbox.domain !== '', address);
      } else assert(parseAddrSpec(address) !== undefined, address);
    }
  }
});

function flanker(list: string): string[] {
  const text = readFileSync(join(conformanceFolder('address')!, 'flanker', `mailbox_${list}.txt`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '' && !/^\s*#(?: |$|=)/.test(line))
    .map((line) => line.replace(/ +# .*/, ''));
}
