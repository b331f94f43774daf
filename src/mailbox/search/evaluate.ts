/**
 * A criterion against one message, with what is known so far. Three values: `undefined` is "not known yet", and is asked again when more is.
 *
 * First the view, for all messages; what it leaves open is asked of the stored details, and what is still open, of the bodies.
 */
import type { Criterion, OnDay } from '../criterion.ts';
import type { MailboxView } from '../mailbox-view.ts';

export type Verdict = boolean | undefined;

/** Criteria that the view cannot answer. */
export type Leaf = Extract<Criterion, { is: 'header' | 'body' | 'text' | 'attachment' | 'sent' }>;

export type Known = (leaf: Leaf) => Verdict;

const dayMs = 86_400_000;

export function isLeaf(criterion: Criterion): criterion is Leaf {
  switch (criterion.is) {
    case 'header':
    case 'body':
    case 'text':
    case 'attachment':
    case 'sent':
      return true;
    default:
      return false;
  }
}

/** Leaves that ask for a text. */
export const isText = (leaf: Leaf): boolean =>
  leaf.is === 'header' || leaf.is === 'body' || leaf.is === 'text';

export function leavesOf(criterion: Criterion): Leaf[] {
  if (isLeaf(criterion)) return [criterion];
  if (criterion.is === 'not') return leavesOf(criterion.of);
  if (criterion.is === 'and' || criterion.is === 'or') return criterion.of.flatMap(leavesOf);
  return [];
}

export function evaluate(criterion: Criterion, view: MailboxView, at: number, known: Known): Verdict {
  switch (criterion.is) {
    case 'all':
      return true;
    case 'and':
      return every(criterion.of, (each) => evaluate(each, view, at, known));
    case 'or': {
      const none = every(criterion.of, (each) => negated(evaluate(each, view, at, known)));
      return negated(none);
    }
    case 'not':
      return negated(evaluate(criterion.of, view, at, known));
    case 'header':
    case 'body':
    case 'text':
    case 'attachment':
    case 'sent':
      return known(criterion);
    default:
      return fromView(criterion, view, at);
  }
}

type InView = Exclude<Criterion, Leaf | { is: 'all' | 'and' | 'or' | 'not' }>;

function fromView(criterion: InView, view: MailboxView, at: number): boolean {
  switch (criterion.is) {
    case 'uid': {
      const uid = view.uidAt(at);
      return criterion.ranges.some(([from, to]) => uid >= from && uid <= to);
    }
    case 'flag':
      return (view.systemFlagsAt(at) & criterion.flags) === criterion.flags;
    case 'keyword':
      return hasKeyword(view.keywordsAt(at), criterion.keyword);
    case 'larger':
      return view.sizeAt(at) > criterion.bytes;
    case 'smaller':
      return view.sizeAt(at) < criterion.bytes;
    case 'received':
      return onDay(criterion, Math.floor(view.receivedAtMsAt(at) / dayMs));
    case 'saved':
      return onDay(criterion, Math.floor(view.savedAtMsAt(at) / dayMs));
    case 'receivedAt': {
      const before = view.receivedAtMsAt(at) < criterion.atMs;
      return criterion.when === 'before' ? before : !before;
    }
    case 'modseq':
      return view.modseqAt(at) >= criterion.atLeast;
    case 'email':
      return view.emailAt(at) === criterion.number;
    default:
      return view.threadAt(at) === criterion.number;
  }
}

function hasKeyword(keywords: readonly string[], wanted: string): boolean {
  if (keywords.length === 0) return false;
  const lower = wanted.toLowerCase();
  return keywords.some((each) => each.toLowerCase() === lower);
}

export function onDay(asked: { when: OnDay; day: number }, day: number): boolean {
  if (asked.when === 'before') return day < asked.day;
  return asked.when === 'on' ? day === asked.day : day >= asked.day;
}

const negated = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict);

function every<T>(of: readonly T[], verdictOf: (each: T) => Verdict): Verdict {
  let all: Verdict = true;
  for (const each of of) {
    const verdict = verdictOf(each);
    if (verdict === false) return false;
    if (verdict === undefined) all = undefined;
  }
  return all;
}
