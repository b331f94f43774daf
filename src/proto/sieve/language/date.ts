/** The tests `date` and `currentdate` (RFC 5260, 4 and 5). */
import { dateParts, timeIn, timeOfField, type ZonedTime } from '../date-part.ts';
import { compileMatch, isCount, type Matcher, matchTags } from '../match/match-type.ts';
import { test, type TestDefinition } from './definition.ts';
import { compileIndex, indexTags } from './field-choice.ts';
import { nameOf } from './header.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import type { Text } from './text.ts';
import { compileZone, zoneTags } from './zone.ts';

const needs = 'date';

export const currentdate: TestDefinition = {
  name: 'currentdate',
  needs,
  tags: [...matchTags, ...zoneTags],
  args: ['string', 'strings'],
  compile(call, scope) {
    const part = checkedPart(call.text(0), scope);
    const match = compileMatch(call, scope, call.texts(1));
    const zone = compileZone(call, scope);
    const count = isCount(call);
    return test((run) => {
      const { nowMs, zoneMinutes } = run.around;
      const time = timeIn(nowMs, zone(run) ?? zoneMinutes(nowMs));
      return matchPart(run, { time, part, match, count });
    });
  },
};

export const date: TestDefinition = {
  name: 'date',
  needs,
  tags: [...matchTags, ...zoneTags, { name: 'originalzone', group: 'zone' }, ...indexTags],
  args: ['string', 'string', 'strings'],
  compile(call, scope) {
    const name = call.text(0);
    const part = checkedPart(call.text(1), scope);
    const match = compileMatch(call, scope, call.texts(2));
    const pick = compileIndex(call, scope);
    const zone = compileZone(call, scope);
    const original = call.has('originalzone');
    const count = isCount(call);
    return test((run) => {
      const wanted = nameOf(name, run);
      const [field] = pick(run.letter.fields.filter((each) => each.name === wanted));
      const time = field && timeOfField(field.raw);
      if (time === undefined) return count ? match(run, { values: [], count: 0 }) : false;
      const zoneMinutes = original ? time.zoneMinutes : (zone(run) ?? run.around.zoneMinutes(time.atMs));
      return matchPart(run, { time: timeIn(time.atMs, zoneMinutes), part, match, count });
    });
  },
};

interface PartMatch {
  readonly time: ZonedTime;
  readonly part: Text;
  readonly match: Matcher;
  readonly count: boolean;
}

function matchPart(run: Run, { time, part, match, count }: PartMatch): boolean {
  const name = part.read(run);
  const read = dateParts.get(name.toLowerCase());
  if (read === undefined) throw run.error('datePartUnknown', name);
  return match(run, count ? { values: [], count: 1 } : { values: [read(time)] });
}

function checkedPart(part: Text, scope: Scope): Text {
  if (part.constant !== undefined && !dateParts.has(part.constant.toLowerCase()))
    scope.error(part.at, 'datePartUnknown', part.constant);
  return part;
}
