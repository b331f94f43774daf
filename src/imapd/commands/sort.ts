/** SORT and THREAD (RFC 5256; RFC 5267 for RETURN; RFC 5957; RFC 6203 for RELEVANCY). */
import { nextPosition } from '../../mailbox/mailbox-view.ts';
import { type ThreadBy, type Threaded, type ThreadNode, threadsOf } from '../../mailbox/threads.ts';
import type { Sort, Thread, ThreadAlgorithm } from '../../proto/imap/command.ts';
import type { Outcome } from '../outcome.ts';
import { keepContext } from './context.ts';
import type { WithMailbox } from './run.ts';
import { newAnswer } from './search.ts';
import { numbersFor, runSearch } from './search-run.ts';
import { factsOf, inOrder } from './sort-order.ts';

export async function sort(session: WithMailbox, command: Sort): Promise<Outcome> {
  const found = await runSearch(session, command.key);
  const uids = await inOrder(session, found, command.criteria);
  const { returning, uid } = command;
  if (returning === undefined) {
    const numbers = numbersFor(session, uids, uid);
    session.untagged(`SORT${numbers.length === 0 ? '' : ` ${numbers.join(' ')}`}`);
    return undefined;
  }
  keepContext(session, { command, returning, uids });
  session.untagged(newAnswer(session, uid, { returning, found, uids }));
  return undefined;
}

const threadBy: Readonly<Record<ThreadAlgorithm, ThreadBy>> = {
  ORDEREDSUBJECT: 'orderedSubject',
  REFERENCES: 'references',
  REFS: 'refs',
};

export async function thread(session: WithMailbox, command: Thread): Promise<Outcome> {
  const { uids } = await runSearch(session, command.key);
  const facts = await factsOf(session, uids);
  const { view } = session.selected;
  const messages: Threaded[] = [];
  let at = -1;
  for (const uid of uids) {
    at = nextPosition(view, uid, at);
    if (at !== -1)
      messages.push({ uid, receivedAtMs: view.receivedAtMsAt(at), facts: facts.get(view.emailAt(at)) });
  }
  const { messages: known } = session.selected;
  const number = command.uid ? (uid: number) => uid : (uid: number) => known.sequenceOf(uid);
  const threads = threadsOf(messages, threadBy[command.algorithm]).map((top) => threadText(top, number));
  session.untagged(`THREAD${threads.length === 0 ? '' : ` ${threads.join('')}`}`);
  return undefined;
}

/** `(1 2 (3)(4 5))`: an only child follows its parent, of several each has its own parentheses. Without recursion: a chain may be long. */
function threadText(top: ThreadNode, number: (uid: number) => number): string {
  let out = '';
  const waiting: (ThreadNode | string)[] = [')', top, '('];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') {
      out += next;
      continue;
    }
    if (next.uid !== undefined) out += number(next.uid);
    const { children } = next;
    if (children.length === 1) waiting.push(children[0]!, ...(next.uid === undefined ? [] : [' ']));
    else if (children.length > 1) {
      for (let i = children.length - 1; i >= 0; i--) waiting.push(')', children[i]!, '(');
      if (next.uid !== undefined) waiting.push(' ');
    }
  }
  return out;
}
