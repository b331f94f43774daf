import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { AccountId } from '../base/ids.ts';
import { openSqliteIndex } from '../store/open-index.ts';
import { operation } from '../store/operation.ts';
import { openTestStore } from '../store/testing.ts';
import type { Field, Unit } from './field.ts';
import { foldText } from './fold.ts';
import { SegmentBuilder } from './build.ts';
import { operations } from './index-operations.ts';
import { type Asked, askIndex, hasEmail } from './look-up.ts';
import { migrations } from './migrations.ts';

const account = 'alice' as AccountId;

const ask = operation('test.ask', (asked: readonly Asked[]) => askIndex(account, asked));

const words = [
  ['report', 'reports', 'port', 'sport', 'a', '12', '0c1f', 'x9z', 'café', 'Straße'],
  ['願い', 'お願いします', '会議', '会議室', '東京', '東京都', 'の', 'テスト', 'ー', '髙橋', '한국어', '🎉'],
].flat();
const between = ['', ' ', '\n', ', ', '。', '-', '@', '  '];

const text = fc
  .array(fc.tuple(fc.constantFrom(...words), fc.constantFrom(...between)), { maxLength: 40 })
  .map((pairs) => foldText(pairs.flat().join('')));

const unit: fc.Arbitrary<Unit> = fc.record({
  field: fc.constantFrom<Field>('body', 'subject', 'from', 'header', 'attachment'),
  text,
});

const mail = fc.array(unit, { maxLength: 4 });

/** A piece of one of the texts, or something else. */
function textIn(mails: readonly (readonly Unit[])[], pick: number, from: number, length: number): string {
  const all = mails.flat().filter(({ text }) => text !== '');
  const whole = all.length === 0 ? 'nothing' : all[pick % all.length]!.text;
  const characters = Array.from(whole);
  return characters.slice(from % characters.length, (from % characters.length) + 1 + length).join('');
}

test('what the index is sure of is so, and what it rules out is not: for every text, over segments and merges', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(mail, { maxLength: 40 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(12)), { minLength: 5, maxLength: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom('as they are', 'merged', 'by two writers'),
      fc.tuple(fc.nat(40), fc.constantFrom(0, 2 ** 20, 2 ** 31 + 2 ** 30)),
      async (mails, cuts, perSegment, segments, [restoredAt, leap]) => {
        const numberOf = (at: number): number => at + 1 + (at < restoredAt ? 0 : leap);
        await using store = await openTestStore({ migrations, operations: [...operations, ask] });
        await using index = openSqliteIndex(store.folder);
        const builder = new SegmentBuilder({ store, index, account });
        for (let at = 0; at < mails.length; at += perSegment) {
          mails.slice(at, at + perSegment).forEach((units, i) => builder.add(numberOf(at + i), units));
          await builder.end(numberOf(Math.min(mails.length, at + perSegment) - 1));
        }
        if (segments === 'merged') await builder.merge(2);
        if (segments === 'by two writers' && mails.length > 1) {
          const another = new SegmentBuilder({ store, index, account });
          mails.slice(0, -1).forEach((units, i) => another.add(numberOf(i), units));
          await another.end(numberOf(mails.length - 2));
        }
        const asked = cuts.map(
          ([pick, from, length]): Asked => ({
            text: textIn(mails, pick, from, length),
            fields:
              from % 3 === 0 ? ['subject', 'header'] : ['body', 'subject', 'from', 'header', 'attachment'],
          }),
        );
        const { upTo, answers } = await store.scan(ask, asked);
        assert.equal(upTo, mails.length === 0 ? 0 : numberOf(mails.length - 1));
        asked.forEach(({ text, fields }, i) => {
          const answer = answers[i];
          if (answer === undefined) return;
          mails.forEach((units, at) => {
            const number = numberOf(at);
            const has = units.some((each) => fields.includes(each.field) && each.text.includes(text));
            const sure = hasEmail(answer.sure, number);
            const open = hasEmail(answer.open, number);
            const where = `${JSON.stringify(text)} in mail ${number}`;
            if (has) assert.ok(sure || open, `missed: ${where}`);
            if (sure) assert.ok(has, `wrong: ${where}`);
          });
        });
      },
    ),
    { numRuns: 60 },
  );
});
