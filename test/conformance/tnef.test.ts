/** winmail.dat against files that another reader extracted. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareEmail } from '../../src/mailbox/email-facts.ts';
import { decodeDetails } from '../../src/mailbox/stored-details.ts';
import { indexMessage } from '../../src/proto/mime/structure.ts';
import { partContent } from '../../src/proto/mime/text.ts';
import { isTnef, tnefText } from '../../src/proto/tnef/tnef-text.ts';
import { readTnef, type TnefMessage } from '../../src/proto/tnef/tnef.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';

/** The other reader wrote lines of text with LF. */
const lines = (bytes: Buffer): string => bytes.toString('latin1').replaceAll('\r\n', '\n');

/** In place of a message or a drawing the data hold a sentence for readers that know no objects. */
const isSubstitute = (bytes: Buffer): boolean =>
  bytes.toString('latin1').startsWith('This attachment is a MAPI');

/** The other reader leaves the id of the interface in front of objects of OLE; without it they can be opened. */
const interfaceIdBytes = 16;

function contents(message: TnefMessage): string[] {
  const bodies = [message.rtf, message.html === undefined ? undefined : Buffer.from(message.html)];
  const all = [...bodies, ...message.attachments.map(({ bytes }) => bytes)];
  return all.filter((bytes) => bytes !== undefined).map(lines);
}

test('tnef: every extracted file is found, byte for byte', skipWithout('tnef'), (t) => {
  const folder = conformanceFolder('tnef')!;
  let found = 0;
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.tnef'))) {
    const message = readTnef(readFileSync(join(folder, name)))!;
    assert.equal(message.damaged, false, name);
    const have = contents(message);
    const beside = join(folder, name.slice(0, -5));
    for (const file of existsSync(beside) ? readdirSync(beside) : []) {
      const bytes = readFileSync(join(beside, file));
      if (isSubstitute(bytes)) continue;
      const forms = [
        lines(bytes),
        lines(bytes.subarray(interfaceIdBytes)),
        lines(Buffer.from(bytes.toString('latin1'))),
      ];
      assert(forms.some((form) => have.includes(form)) || sameHtml(bytes, message), `${name}: ${file}`);
      if (!/^(?:message|Untitled)/.test(file))
        assert(
          message.attachments.some((each) => each.name === file),
          file,
        );
      found++;
    }
  }
  t.diagnostic(`${found} files are as the other reader has them`);
});

/** HTML is text here: its bytes differ by the code page. */
function sameHtml(bytes: Buffer, { html }: TnefMessage): boolean {
  return (
    html !== undefined && html.replace(/[^ -~]/g, '') === bytes.toString('latin1').replace(/[^ -~]/g, '')
  );
}

test('tnef: messages that are wrapped in mail have a text', skipWithout('tnef'), () => {
  const folder = conformanceFolder('tnef')!;
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.eml'))) {
    const bytes = readFileSync(join(folder, name));
    const parts = [indexMessage(bytes).root].flatMap((root) => [root, ...(root.parts ?? [])]).filter(isTnef);
    assert(parts.length > 0, name);
    for (const part of parts) assert.notEqual(tnefText(partContent(bytes, part)), '', name);
    assert.notEqual(decodeDetails(prepareEmail(bytes).details).preview, '', name);
  }
});

test(
  'tnef: damaged anywhere, it is read without an error, and gives out no more than came in',
  skipWithout('tnef'),
  () => {
    const folder = conformanceFolder('tnef')!;
    const all = readdirSync(folder).filter((file) => file.endsWith('.tnef'));
    let random = 4711;
    const next = (max: number): number => {
      random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
      return random % max;
    };
    for (const name of all) {
      const whole = readFileSync(join(folder, name)).subarray(0, 60_000);
      for (let round = 0; round < 60; round++) {
        const damaged = Buffer.from(whole.subarray(0, round % 2 ? undefined : next(whole.length)));
        for (let i = 0; i < 20 && damaged.length > 0; i++)
          damaged[next(Math.min(damaged.length, round % 3 ? 2000 : 60_000))] = next(256);
        const message = readTnef(damaged);
        tnefText(damaged);
        const bytes = message?.attachments.reduce((sum, each) => sum + each.bytes.length, 0) ?? 0;
        assert(bytes <= damaged.length);
      }
    }
  },
);
