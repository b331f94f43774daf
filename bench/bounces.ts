/**
 * How well returned mail is read: every mail of the bounce set, held against its labels. Prints the classes and the reasons as a confusion matrix, apart for the files that
 * rules were written with and those that were kept unseen. `--all` names what differs among the former.
 */
import { conformanceFolder } from '../test/conformance.ts';
import { mark, readLabels, type Mark } from '../test/conformance/bounce-marks.ts';
import { replyMarks } from '../test/replies/marks.ts';

const percent = (part: number, whole: number): string =>
  `${((part / Math.max(1, whole)) * 100).toFixed(1)} %`;

function summary(name: string, marks: readonly Mark[]): string {
  const named = marks.filter((one) => one.recipientRight !== undefined);
  const right = (of: (one: Mark) => boolean): string => percent(marks.filter(of).length, marks.length);
  const cells = [
    name.padEnd(10),
    String(marks.length).padStart(4),
    `class ${right((one) => one.classRight)}`,
    `reason ${right((one) => one.reasonRight)}`,
    `recipient ${named.filter((one) => one.recipientRight).length}/${named.length}`,
  ];
  return cells.join('   ');
}

function matrix(marks: readonly Mark[], label: (one: Mark) => string, ours: (one: Mark) => string): string {
  const counts = new Map<string, number>();
  for (const one of marks) {
    const key = `${label(one)}\t${ours(one)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const rows = [...new Set(marks.map(label))].toSorted();
  return rows
    .map((row) => {
      const found = [...counts]
        .filter(([key]) => key.startsWith(`${row}\t`))
        .toSorted((a, b) => b[1] - a[1])
        .map(([key, count]) => `${key.slice(row.length + 1)} ${count}`);
      return `  ${row.padEnd(18)} → ${found.join(', ')}`;
    })
    .join('\n');
}

const replies = replyMarks();
console.log(
  `replies    ${String(replies.length).padStart(4)}   reason ${percent(replies.filter((one) => one.right).length, replies.length)}`,
);
const folder = conformanceFolder('bounce-sisimai');
if (folder === undefined) {
  console.log('no conformance set bounce-sisimai: set HIKYAKU_CONFORMANCE to its folder');
} else {
  const marks = readLabels(folder).map((label) => mark(label, folder));
  const seen = marks.filter((one) => !one.label.heldOut);
  const heldOut = marks.filter((one) => one.label.heldOut);
  console.log(summary('all', marks));
  console.log(summary('seen', seen));
  console.log(summary('held out', heldOut));
  console.log(
    `\nclass, label → ours\n${matrix(
      marks,
      (one) => one.label.class,
      (one) => one.class,
    )}`,
  );
  console.log(
    `\nreason, label → ours\n${matrix(
      marks,
      (one) => one.label.reasons[0]!,
      (one) => one.reason,
    )}`,
  );
  if (process.argv.includes('--all')) {
    for (const one of seen.filter((other) => !other.reasonRight || !other.classRight))
      console.log(
        `${one.label.file} ${one.label.reasons.join('|')} ≠ ${one.reason} (${one.class}; ${one.found?.rule ?? ''})`,
      );
  }
}
