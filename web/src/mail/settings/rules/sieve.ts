/**
 * Rules as a Sieve script (RFC 5228) and back. The script carries each rule as JSON in a comment in front of what it does; it is read as rules only if those rules make
 * exactly this script: what another program has changed is never taken for ours, and never overwritten unasked.
 */
import type { Action, Condition, Rule, RuleBook } from './rule.ts';

const title =
  '# Rules of the webmail, version 1. Change them there: by hand they become a script of your own.';
const ruleMark = '# rule ';
const blockedMark = '# blocked ';
const behindMark = '# behind ';

/** Gathers the capabilities that what is written needs. */
class Writer {
  readonly needs = new Set<string>();

  uses(...capabilities: readonly string[]): void {
    for (const each of capabilities) this.needs.add(each);
  }
}

export function scriptOf(book: RuleBook): string {
  const writer = new Writer();
  const lines = [
    ...blockedLines(writer, book.blocked),
    ...book.rules.flatMap((rule, index) => ruleLines(writer, rule, nameOfRule(rule, index))),
    ...behindLines(writer, book.behind),
  ];
  const needs = [...writer.needs].toSorted().map(quoted);
  return [title, ...(needs.length > 0 ? [`require [${needs.join(', ')}];`] : []), ...lines, ''].join('\r\n');
}

/** Undefined: the script is not ours, or is not any more. */
export function bookOf(script: string): RuleBook | undefined {
  const lines = script.split('\r\n');
  if (lines[0] !== title) return undefined;
  const marked = (mark: string): readonly unknown[] =>
    lines.filter((line) => line.startsWith(mark)).map((line): unknown => JSON.parse(line.slice(mark.length)));
  try {
    const book: RuleBook = {
      blocked: (marked(blockedMark)[0] ?? []) as readonly string[],
      rules: marked(ruleMark) as readonly Rule[],
      behind: marked(behindMark)[0] as string | undefined,
    };
    return scriptOf(book) === script ? book : undefined;
  } catch {
    return undefined;
  }
}

function blockedLines(writer: Writer, blocked: readonly string[]): readonly string[] {
  if (blocked.length === 0) return [];
  writer.uses('fileinto', 'special-use');
  const addresses = blocked.filter((each) => !each.startsWith('@'));
  const domains = blocked.filter((each) => each.startsWith('@')).map((each) => each.slice(1));
  const tests = [
    ...(addresses.length > 0 ? [`address :is "from" ${list(addresses)}`] : []),
    ...(domains.length > 0 ? [`address :domain :is "from" ${list(domains)}`] : []),
  ];
  return [
    `${blockedMark}${JSON.stringify(blocked)}`,
    '# rule:[Blocked senders]',
    `if anyof (${tests.join(',\r\n  ')}) {`,
    '  fileinto :specialuse "\\\\Junk" "Junk";',
    '  stop;',
    '}',
  ];
}

/** As the journey of a mail and the counts have it. */
export const nameOfRule = ({ name }: Rule, index: number): string => oneLine(name) || `Rule ${index + 1}`;

function ruleLines(writer: Writer, rule: Rule, name: string): readonly string[] {
  const mark = `${ruleMark}${JSON.stringify(rule)}`;
  if (!rule.on) return [mark];
  const tests = rule.conditions.map((condition) => testOf(writer, condition));
  const test =
    tests.length === 0 ? 'true' : `${rule.match === 'all' ? 'allof' : 'anyof'} (${tests.join(',\r\n  ')})`;
  return [
    mark,
    `# rule:[${name}]`,
    `if ${test} {`,
    ...inOrder(rule.actions).map((action) => `  ${commandOf(writer, action)}`),
    '}',
  ];
}

/** Flags first, for they hold from there on; the end last. */
function inOrder(actions: readonly Action[]): readonly Action[] {
  const rank: Readonly<Record<Action['do'], number>> = {
    label: 0,
    mark: 0,
    forward: 1,
    move: 2,
    delete: 2,
    stop: 3,
  };
  return actions.toSorted((one, other) => rank[one.do] - rank[other.do]);
}

function behindLines(writer: Writer, behind: string | undefined): readonly string[] {
  if (behind === undefined) return [];
  writer.uses('include');
  return [
    `${behindMark}${JSON.stringify(behind)}`,
    `# rule:[${oneLine(behind)}]`,
    `include :personal :optional ${quoted(behind)};`,
  ];
}

function testOf(writer: Writer, condition: Condition): string {
  switch (condition.of) {
    case 'attachment':
      writer.uses('mime');
      return `${condition.has ? '' : 'not '}header :mime :anychild :type :is "content-disposition" "attachment"`;
    case 'size':
      return `size :${condition.how} ${Math.round(condition.kib)}K`;
    case 'list':
      return condition.text === ''
        ? 'exists "list-id"'
        : `header ${compared(writer, 'contains', condition.text)}"list-id" ${quoted(condition.text)}`;
    default:
      return textTest(writer, condition);
  }
}

function textTest(
  writer: Writer,
  condition: Extract<Condition, { readonly how: string; text: string }>,
): string {
  const { of, how, text } = condition;
  const not = how === 'containsNot' ? 'not ' : '';
  const match = how === 'containsNot' ? 'contains' : how;
  const value = quoted(
    match === 'begins' ? `${globbed(text)}*` : match === 'ends' ? `*${globbed(text)}` : text,
  );
  const type = compared(writer, match === 'begins' || match === 'ends' ? 'matches' : match, text);
  if (of === 'body') {
    writer.uses('body');
    return `${not}body :text ${type}${value}`;
  }
  const fields = { from: '"from"', to: '["to", "cc", "bcc"]', subject: '"subject"', header: '' }[of];
  const field = of === 'header' ? quoted(condition.field ?? '') : fields;
  // A part of a name is looked for too; a whole one is that of an address.
  const test = (of === 'from' || of === 'to') && match !== 'contains' ? 'address' : 'header';
  return `${not}${test} ${type}${field} ${value}`;
}

/** Case makes no difference, in no script. */
function compared(writer: Writer, match: 'contains' | 'is' | 'matches', text: string): string {
  if (!/[^\x20-\x7e]/.test(text)) return `:${match} `;
  writer.uses('comparator-i;unicode-casemap');
  return `:${match} :comparator "i;unicode-casemap" `;
}

function commandOf(writer: Writer, action: Action): string {
  switch (action.do) {
    case 'move':
      writer.uses('fileinto', 'mailboxid');
      return `fileinto :mailboxid ${quoted(action.mailbox)} ${quoted(action.name)};`;
    case 'label':
      writer.uses('imap4flags');
      return `addflag ${quoted(action.keyword)};`;
    case 'mark':
      writer.uses('imap4flags');
      return `addflag "\\\\${action.as === 'seen' ? 'Seen' : 'Flagged'}";`;
    case 'forward':
      writer.uses('copy');
      return `redirect :copy ${quoted(action.to)};`;
    case 'delete':
      writer.uses('fileinto', 'special-use');
      return 'fileinto :specialuse "\\\\Trash" "Trash";';
    default:
      return 'stop;';
  }
}

const oneLine = (name: string): string => name.replaceAll(/[\r\n\]]/g, ' ');
const quoted = (text: string): string =>
  `"${text.replaceAll(/[\0\r\n]/g, ' ').replaceAll(/[\\"]/g, '\\$&')}"`;
const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(', ')}]`;
/** What `:matches` would take for a wildcard. */
const globbed = (text: string): string => text.replaceAll(/[\\*?]/g, '\\$&');
