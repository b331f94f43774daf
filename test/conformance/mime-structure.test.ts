/** Messages of ten projects against facts that were derived by other parsers. Rules of the sets: README.md beside them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bodyLists, partName } from '../../src/proto/mime/body-list.ts';
import { decodeWords } from '../../src/proto/mime/encoded-word.ts';
import { indexMessage, type MessageIndex, type Part } from '../../src/proto/mime/structure.ts';
import { partContent, preview } from '../../src/proto/mime/text.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';

interface PartFact {
  type: string;
  cte?: string;
  filename?: string;
  sha256?: string;
  sha256_lf?: string;
}
interface Fact {
  file: string;
  subject?: string;
  tree: string;
  parts: PartFact[];
  disputable: boolean | string;
}

/** Python leaves the content encoded where blanks follow the encoding's name; other parsers of the set decode it. */
const encodedByPython = 'thirdparty/003.eml';

for (const set of ['mime-mime4j', 'mime-stalwart', 'mime-misc']) {
  test(`${set}: trees, subjects, names and contents are as the facts say`, skipWithout(set), (t) => {
    const folder = conformanceFolder(set)!;
    let strict = 0;
    let agreed = 0;
    const facts = lines(join(folder, 'facts.python.jsonl')).map((line) => JSON.parse(line) as Fact);
    for (const fact of facts) {
      const bytes = readFileSync(join(folder, fact.file));
      const index = indexMessage(bytes);
      preview(bytes, index);
      const wrong = differences(bytes, index, fact);
      if (fact.disputable === false) {
        strict++;
        assert.deepEqual(wrong, [], fact.file);
      } else if (wrong.length === 0) agreed++;
    }
    t.diagnostic(`${strict} strict facts hold, ${agreed} of ${facts.length - strict} disputable ones agree`);
  });
}

function differences(bytes: Buffer, index: MessageIndex, fact: Fact): string[] {
  const wrong: string[] = [];
  const tree = treeOf(index.root);
  if (withoutReports(fact.tree) !== tree) return [`tree ${tree}, wanted ${fact.tree}`];
  const subject = decodeWords(index.envelope.subject ?? '');
  if (!sameButLost(fact.subject ?? '', subject)) wrong.push(`subject ${subject}`);
  const facts = leafFacts(fact.parts);
  leaves(index.root).forEach((part, i) => {
    const want = facts[i];
    if (want === undefined || facts.length !== leaves(index.root).length) return;
    const content = partContent(bytes, part);
    if (want.filename !== undefined && want.filename !== partName(part)) wrong.push(`name ${partName(part)}`);
    const same = want.sha256 === sha(content) || want.sha256_lf === sha(withLf(content));
    if (!same && want.cte !== 'quoted-printable' && fact.file !== encodedByPython)
      wrong.push(`content of ${want.type} ${i}`);
  });
  return wrong;
}

function lines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean);
}

function treeOf(part: Part): string {
  const inner = part.parts?.map(treeOf) ?? (part.message ? [treeOf(part.message.root)] : []);
  return `${part.type}/${part.subtype}${inner.length > 0 ? `(${inner.join(',')})` : ''}`;
}

/** Python opens delivery reports, partial messages and external bodies; for IMAP they are leaves. */
function withoutReports(tree: string): string {
  let before = '';
  let now = tree;
  while (before !== now) {
    before = now;
    now = now.replace(/(message\/(?:delivery-status|partial|external-body))\([^()]*\)/g, '$1');
  }
  return now;
}

/** U+FFFD in a fact is a byte that the other parsers gave up on; any character may stand for it. */
function sameButLost(want: string, got: string): boolean {
  const [wanted, characters] = [Array.from(want), Array.from(got)];
  return (
    wanted.length === characters.length && wanted.every((one, i) => one === '\ufffd' || one === characters[i])
  );
}

function leaves(part: Part): Part[] {
  return part.parts?.flatMap(leaves) ?? (part.message ? leaves(part.message.root) : [part]);
}

function leafFacts(parts: readonly PartFact[]): PartFact[] {
  return parts.filter(
    (part) => part.sha256 !== undefined || !/^(?:multipart|message\/(?:rfc822|global))/.test(part.type),
  );
}

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function withLf(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

test(
  'mime-mime4j: decoded parts are those of the files beside the messages',
  skipWithout('mime-mime4j'),
  (t) => {
    const folder = conformanceFolder('mime-mime4j')!;
    let same = 0;
    let all = 0;
    for (const sub of ['mimetools-testmsgs', 'testmsgs']) {
      const names = readdirSync(join(folder, sub));
      for (const name of names.filter((file) => file.endsWith('.msg'))) {
        const bytes = readFileSync(join(folder, sub, name));
        const found = leaves(indexMessage(bytes).root).map((part) =>
          withLf(partContent(bytes, part)).toString('latin1').trimEnd(),
        );
        const prefix = `${name.slice(0, -4)}_decoded_`;
        for (const want of names.filter((file) => file.startsWith(prefix))) {
          all++;
          const text = withLf(readFileSync(join(folder, sub, want)))
            .toString('latin1')
            .trimEnd();
          if (text === '' || found.includes(text)) same++;
          else t.diagnostic(`differs: ${want}`);
        }
      }
    }
    t.diagnostic(`${same} of ${all} decoded parts are the same`);
    assert(same >= all * 0.9);
  },
);

/** Media in a mixed message: Stalwart lists it as attachment too, the algorithm of RFC 8621, 4.1.4 does not. */
const listedTwice = 'thirdparty/013.eml';

test('mime-stalwart: body lists are those of RFC 8621', skipWithout('mime-stalwart'), (t) => {
  const folder = conformanceFolder('mime-stalwart')!;
  let same = 0;
  let all = 0;
  for (const sub of ['rfc', 'thirdparty', 'malformed']) {
    for (const name of readdirSync(join(folder, sub)).filter((file) => file.endsWith('.eml'))) {
      const { root } = indexMessage(readFileSync(join(folder, sub, name)));
      const wanted = JSON.parse(
        readFileSync(join(folder, sub, name.replace('.eml', '.json')), 'utf8'),
      ) as StalwartLists;
      const order = paths(root, root.parts ? '' : '1');
      const lists = bodyLists(root);
      const got = [lists.textBody, lists.htmlBody, lists.attachments].map((list) =>
        list.map(({ path }) => order.indexOf(path)),
      );
      const want = [wanted.text_body, wanted.html_body, wanted.attachments];
      all++;
      if (JSON.stringify(got) === JSON.stringify(want)) same++;
      else if (sub !== 'malformed' && `${sub}/${name}` !== listedTwice)
        assert.deepEqual(got, want, `${sub}/${name}`);
    }
  }
  t.diagnostic(`${same} of ${all} agree; the others are malformed messages, and ${listedTwice}`);
});

interface StalwartLists {
  text_body: number[];
  html_body: number[];
  attachments: number[];
}

function paths(part: Part, path: string): string[] {
  const below =
    part.parts?.flatMap((child, i) => paths(child, path === '' ? `${i + 1}` : `${path}.${i + 1}`)) ?? [];
  return [path, ...below];
}

test(
  'messages cut short or damaged anywhere are read without an error, in bounded time',
  skipWithout('mime-misc'),
  () => {
    const folder = conformanceFolder('mime-misc')!;
    const small = lines(join(folder, 'facts.python.jsonl'))
      .map((line) => readFileSync(join(folder, (JSON.parse(line) as Fact).file)))
      .filter((bytes) => bytes.length < 20_000);
    let random = 12345;
    const next = (max: number): number => {
      random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
      return random % max;
    };
    const start = process.cpuUsage().user;
    for (let round = 0; process.cpuUsage().user - start < 3_000_000 && round < 5000; round++) {
      const damaged = Buffer.from(
        small[round % small.length]!.subarray(0, round % 2 ? undefined : next(20_000)),
      );
      for (let i = 0; i < 10 && damaged.length > 0; i++) damaged[next(damaged.length)] = next(256);
      const index = indexMessage(damaged);
      preview(damaged, index);
      bodyLists(index.root).attachments.forEach(({ part }) => partName(part));
      assert(index.root.bodyEnd <= damaged.length && index.root.bodyStart <= index.root.bodyEnd);
    }
  },
);
