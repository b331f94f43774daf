/**
 * Shaping: a day of 10 million mails in virtual time, to eight receivers whose limits are hidden: what is learned beside fixed rules, low and high.
 * Prints how much of each limit was used and how much was put off, and draws it (SVG). The last line is JSON with `--json`.
 *
 *   npm run bench -- shaping [--json] [--seed 1] [--hours 24] [--plots DIR]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { shapingDefaults } from '../src/shaping/defaults.ts';
import type { ShapingOptions, ShapingRule } from '../src/shaping/options.ts';
import { readRate } from '../src/shaping/rate.ts';
import { measure, simulateDay, type ReceiverDay } from '../src/shaping/testing-day.ts';
import { chart } from './svg-chart.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    hours: { type: 'string', default: '24' },
    plots: { type: 'string', default: 'bench/plots' },
  },
});
const hours = Number(values.hours);

/** The same rate to everybody, as in a file of rules that nobody has tuned: nothing is learned, and only blocks are waited for. */
function fixed(rate: string): ShapingOptions {
  const rule: ShapingRule = {
    name: `fixed ${rate}`,
    from: 'settings',
    across: false,
    limits: { messageRate: readRate(rate)! },
    why: '',
  };
  return { ...shapingDefaults, learn: false, rules: [...shapingDefaults.rules, rule] };
}

const ways = {
  learned: shapingDefaults,
  'fixed 8/s': fixed('8/s'),
  'fixed 30/s': fixed('30/s'),
} satisfies Record<string, ShapingOptions>;

const results = new Map<string, readonly ReceiverDay[]>();
for (const [name, shaping] of Object.entries(ways)) {
  const startMs = performance.now();
  const seed = Number(values.seed);
  results.set(
    name,
    simulateDay({ seed, hours, messages: Infinity, shaping, pointSeconds: 300, connections: 20 }),
  );
  console.error(`${name}: ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}

const percent = (value: number, digits: number): string => `${(value * 100).toFixed(digits)} %`;
const names = Object.keys(ways);
console.log(`${'receiver'.padEnd(13)}${names.map((name) => name.padStart(24)).join('')}`);
console.log(`${''.padEnd(13)}${names.map(() => '   of the limit   put off').join('')}`);
const learned = results.get('learned')!;
for (const [i, { name }] of learned.entries()) {
  const cells = names.map((way) => {
    const { used, deferred } = measure(results.get(way)![i]!);
    return `${percent(used, 1).padStart(14)}${percent(deferred, 2).padStart(10)}`;
  });
  console.log(name.padEnd(13) + cells.join(''));
}
const totals = names.map((way) => {
  const all = results.get(way)!;
  const sum = (field: 'capacity' | 'taken' | 'putOff'): number =>
    all.reduce((total, one) => total + one[field], 0);
  return {
    way,
    taken: sum('taken'),
    ...measure({
      name: way,
      capacity: sum('capacity'),
      taken: sum('taken'),
      putOff: sum('putOff'),
      noise: 0,
      points: [],
    }),
  };
});
console.log(
  'all'.padEnd(13) +
    totals
      .map(({ used, deferred }) => `${percent(used, 1).padStart(14)}${percent(deferred, 2).padStart(10)}`)
      .join(''),
);
for (const { way, taken } of totals) console.log(`${way}: ${taken.toLocaleString('en')} taken in ${hours} h`);

mkdirSync(values.plots, { recursive: true });
for (const [i, { name, points }] of learned.entries()) {
  const series = [
    {
      name: 'hidden limit',
      points: points.map((one): [number, number] => [one.atMs / 3_600_000, one.capacity]),
    },
    ...names.map((way) => ({
      name: way,
      points: results.get(way)![i]!.points.map((one): [number, number] => [one.atMs / 3_600_000, one.taken]),
    })),
  ];
  const file = join(values.plots, `shaping-${name}.svg`);
  writeFileSync(file, chart({ title: `${name}: copies taken a second`, x: 'hours', series }));
}
console.log(`plots: ${values.plots}/shaping-*.svg`);

const met = learned.every((one) => measure(one).used >= 0.95 && measure(one).deferred <= 0.01);
if (hours >= 24)
  console.log(
    met
      ? 'every receiver at 95 % or more with 1 % put off or less'
      : 'NOT every receiver at 95 % with 1 % put off',
  );
if (values.json)
  console.log(
    JSON.stringify({
      met,
      ways: Object.fromEntries(totals.map(({ way, ...rest }) => [way, rest])),
      receivers: Object.fromEntries(learned.map((one) => [one.name, measure(one)])),
    }),
  );
