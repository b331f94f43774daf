/**
 * Threads as THREAD gives them (RFC 5256, 3; REFS of draft-ietf-morg-inthread): trees of messages, made of message ids or of subjects.
 *
 * A chain of answers may be as long as the mailbox, so nothing here recurses. A link that would make a loop is not made.
 */
import type { SortFacts } from './sort-facts.ts';

export interface Threaded {
  readonly uid: number;
  readonly receivedAtMs: number;
  readonly facts: SortFacts | undefined;
}

/** Without a uid it stands for a message that is not there (only at the top of a thread). */
export interface ThreadNode {
  readonly uid: number | undefined;
  readonly children: readonly ThreadNode[];
}

export type ThreadBy = 'orderedSubject' | 'references' | 'refs';

/** `messages` in the order of the mailbox. */
export function threadsOf(messages: readonly Threaded[], by: ThreadBy): readonly ThreadNode[] {
  if (by === 'orderedSubject') return bySubject(messages);
  const tops = pruned(linked(messages));
  if (by === 'refs') return byLatest(tops);
  sortTops(tops);
  const gathered = gatherSubjects(tops);
  sortAll(gathered);
  return gathered;
}

class Node implements ThreadNode {
  readonly message: Threaded | undefined;
  parent: Node | undefined;
  children: Node[] = [];

  constructor(message: Threaded | undefined) {
    this.message = message;
  }

  get uid(): number | undefined {
    return this.message?.uid;
  }

  /** Its own message, or the first below it. */
  get first(): Threaded {
    return (this.message ?? this.children[0]!.message)!;
  }

  add(child: Node): void {
    child.parent = this;
    this.children.push(child);
  }
}

const sentOf = ({ facts, receivedAtMs }: Threaded): number => facts?.sentAtMs ?? receivedAtMs;

/** By date of sending; of the same moment, in the order of the mailbox. */
function bySent(a: Node, b: Node): number {
  return sentOf(a.first) - sentOf(b.first) || a.first.uid - b.first.uid;
}

function bySubject(messages: readonly Threaded[]): ThreadNode[] {
  const groups = new Map<string, Node[]>();
  for (const message of messages) {
    const subject = message.facts?.subject ?? '';
    const group = groups.get(subject) ?? [];
    group.push(new Node(message));
    groups.set(subject, group);
  }
  const tops: Node[] = [];
  for (const group of groups.values()) {
    const [top, ...answers] = group.sort(bySent);
    for (const answer of answers) top!.add(answer);
    tops.push(top!);
  }
  return tops.sort(bySent);
}

/** Steps upward that the search for loops may take in all; a mailbox that needs more was made to. A link that was not looked through is not made. */
const stepsMax = 5_000_000;

/** A place in the tree for each message id that is spoken of. */
interface Place {
  message: Threaded | undefined;
  parent: Place | undefined;
  /** Most have none. */
  children: Set<Place> | undefined;
}

/** (1) and (2) of RFC 5256: links by message ids. Gives the places without a parent. */
function linked(messages: readonly Threaded[]): Place[] {
  const budget = { left: stepsMax };
  const places = new Map<number, Place>();
  const all: Place[] = [];
  const make = (message: Threaded | undefined): Place => {
    const place: Place = { message, parent: undefined, children: undefined };
    all.push(place);
    return place;
  };
  const placeOf = (id: number): Place => {
    let place = places.get(id);
    if (place === undefined) places.set(id, (place = make(undefined)));
    return place;
  };
  const own = messages.map((message) => {
    const id = message.facts?.id ?? 0;
    const place = id === 0 ? undefined : placeOf(id);
    // A second message of one id is a message of its own.
    if (place === undefined || place.message !== undefined) return make(message);
    place.message = message;
    return place;
  });
  for (const [i, message] of messages.entries()) {
    const chain = (message.facts?.ancestors ?? []).map(placeOf);
    for (let at = 1; at < chain.length; at++) {
      const child = chain[at]!;
      if (child.parent === undefined && !isAbove(child, chain[at - 1]!, budget)) link(chain[at - 1]!, child);
    }
    const parent = chain.at(-1);
    if (parent === undefined) continue;
    // What the message itself says of its parent is worth more than what others said.
    const place = own[i]!;
    if (place.parent === parent || isAbove(place, parent, budget)) continue;
    place.parent?.children?.delete(place);
    place.parent = undefined;
    link(parent, place);
  }
  return all.filter((place) => place.parent === undefined);
}

function link(parent: Place, child: Place): void {
  child.parent = parent;
  (parent.children ??= new Set()).add(child);
}

/** Is `place` the other, or above it? */
function isAbove(place: Place, other: Place, budget: { left: number }): boolean {
  // What has nothing below it is above nothing: so it is with almost every message.
  if (place.children === undefined || place.children.size === 0) return place === other;
  for (let at: Place | undefined = other; at !== undefined; at = at.parent)
    if (at === place || budget.left-- <= 0) return true;
  return false;
}

/**
 * (3): places without a message go, and what was below them moves up; only at the top may one stay, to hold several threads together. Children
 * before parents, over an explicit stack.
 */
function pruned(tops: readonly Place[]): Node[] {
  const made = new Map<Place, readonly Node[]>();
  for (const place of childrenFirst(tops)) {
    const below: Node[] = [];
    for (const child of place.children ?? none) {
      below.push(...(made.get(child) ?? [new Node(child.message)]));
      made.delete(child);
    }
    if (place.message === undefined) made.set(place, below);
    else {
      const node = new Node(place.message);
      for (const child of below) node.add(child);
      made.set(place, [node]);
    }
  }
  return tops.flatMap((place) => {
    if (isBare(place)) return new Node(place.message);
    const nodes = made.get(place)!;
    if (place.message !== undefined || nodes.length < 2) return nodes;
    const dummy = new Node(undefined);
    for (const node of [...nodes].sort(bySent)) dummy.add(node);
    return dummy;
  });
}

const none: ReadonlySet<Place> = new Set();

/** A message with nothing below it: so it is with most. */
const isBare = ({ message, children }: Place): boolean => message !== undefined && !children?.size;

/** All places but bare ones, each behind those below it. */
function childrenFirst(tops: readonly Place[]): Place[] {
  const found: Place[] = [];
  const waiting = tops.filter((top) => !isBare(top));
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    found.push(place);
    for (const child of place.children ?? none) if (!isBare(child)) waiting.push(child);
  }
  return found.reverse();
}

function sortTops(tops: Node[]): void {
  tops.sort(bySent);
}

/** (5): threads of the same subject become one. */
function gatherSubjects(tops: readonly Node[]): Node[] {
  const table = subjectTable(tops);
  const result = new Set(tops);
  for (const top of tops) {
    const subject = subjectOf(top);
    const chosen = subject === '' ? undefined : table.get(subject);
    if (chosen === undefined || chosen === top) continue;
    result.delete(top);
    if (chosen.message === undefined && top.message === undefined)
      for (const child of top.children) chosen.add(child);
    else if (chosen.message === undefined || (isReply(top) && !isReply(chosen))) chosen.add(top);
    else {
      const dummy = new Node(undefined);
      dummy.add(chosen);
      dummy.add(top);
      result.delete(chosen);
      result.add(dummy);
      table.set(subject, dummy);
    }
  }
  return [...result];
}

function subjectTable(tops: readonly Node[]): Map<string, Node> {
  const table = new Map<string, Node>();
  for (const top of tops) {
    const subject = subjectOf(top);
    if (subject === '') continue;
    const before = table.get(subject);
    const better =
      before === undefined ||
      (before.message !== undefined && top.message === undefined) ||
      (before.message !== undefined && isReply(before) && !isReply(top));
    if (better) table.set(subject, top);
  }
  return table;
}

const subjectOf = (top: Node): string => top.first.facts?.subject ?? '';
const isReply = (top: Node): boolean => top.first.facts?.isReply ?? false;

/** (6): all siblings by date. A dummy's children are sorted first, since its date is that of its first child. */
function sortAll(tops: Node[]): void {
  const waiting: Node[] = [...tops];
  const order: Node[] = [];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    order.push(node);
    waiting.push(...node.children);
  }
  for (const node of order.reverse()) if (node.children.length > 1) node.children.sort(bySent);
  tops.sort(bySent);
}

/** REFS: the thread with the newest message is the last; so among siblings. */
function byLatest(tops: Node[]): Node[] {
  const latest = new Map<Node, number>();
  const order: Node[] = [];
  const waiting: Node[] = [...tops];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    order.push(node);
    waiting.push(...node.children);
  }
  const compare = (a: Node, b: Node): number => latest.get(a)! - latest.get(b)! || a.first.uid - b.first.uid;
  for (const node of order.reverse()) {
    let newest = node.message?.receivedAtMs ?? 0;
    for (const child of node.children) newest = Math.max(newest, latest.get(child)!);
    latest.set(node, newest);
    if (node.children.length > 1) node.children.sort(compare);
  }
  return tops.sort(compare);
}
