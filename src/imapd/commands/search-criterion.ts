/** The keys of SEARCH as a Criterion of the mailbox: message numbers, "*", "$" and \Recent become uids. */
import type { Criterion } from '../../mailbox/criterion.ts';
import { seen } from '../../mailbox/flags.ts';
import { emailNumber, threadNumber } from '../../mailbox/ids.ts';
import type { SearchKey } from '../../proto/imap/command.ts';
import { numberMax, resolveRanges, type Range, type SequenceSet } from '../../proto/imap/sequence-set.ts';
import { systemFlag } from '../flag-text.ts';
import { bad } from '../replies.ts';
import type { Selected } from '../selected.ts';

const all: Criterion = { is: 'all' };
const none: Criterion = { is: 'not', of: all };

/** A filter is replaced before (filters.ts). */
export function toCriterion(key: SearchKey, selected: Selected, nowMs: number): Criterion {
  switch (key.is) {
    case 'all':
    case 'saveDateSupported':
      return all;
    case 'filter':
      return none;
    case 'fuzzy':
      return fuzzily(toCriterion(inWords(key.key), selected, nowMs));
    case 'recent':
      return recent(selected);
    case 'new':
      return { is: 'and', of: [recent(selected), { is: 'not', of: { is: 'flag', flags: seen } }] };
    case 'old':
      return { is: 'not', of: recent(selected) };
    case 'numbers':
      return uidsOf(key.set, selected, false);
    case 'uids':
      return uidsOf(key.set, selected, true);
    case 'flag': {
      const has = flagCriterion(key.flag);
      return key.set ? has : { is: 'not', of: has };
    }
    case 'not':
      return { is: 'not', of: toCriterion(key.key, selected, nowMs) };
    case 'or':
      return {
        is: 'or',
        of: [toCriterion(key.left, selected, nowMs), toCriterion(key.right, selected, nowMs)],
      };
    case 'and':
      return { is: 'and', of: key.keys.map((one) => toCriterion(one, selected, nowMs)) };
    default:
      return plain(key, nowMs);
  }
}

type Plain = Exclude<
  SearchKey,
  {
    is:
      | 'all'
      | 'saveDateSupported'
      | 'filter'
      | 'fuzzy'
      | 'recent'
      | 'new'
      | 'old'
      | 'numbers'
      | 'uids'
      | 'flag'
      | 'not'
      | 'or'
      | 'and';
  }
>;

function plain(key: Plain, nowMs: number): Criterion {
  switch (key.is) {
    case 'before':
    case 'on':
    case 'since':
      return { is: key.what === 'internal' ? 'received' : key.what, when: key.is, day: key.day };
    // "Older" takes in the moment itself (RFC 5032, 2.1).
    case 'older':
      return { is: 'receivedAt', when: 'before', atMs: nowMs - key.seconds * 1000 + 1 };
    case 'younger':
      return { is: 'receivedAt', when: 'after', atMs: nowMs - key.seconds * 1000 };
    case 'larger':
    case 'smaller':
      return { is: key.is, bytes: key.sizeBytes };
    case 'header':
      return { is: 'header', field: key.name, contains: key.text };
    case 'body':
    case 'text':
      return { is: key.is, contains: key.text };
    case 'modSeq':
      return { is: 'modseq', atLeast: key.modSeq };
    case 'emailId': {
      const number = emailNumber(key.id);
      return number === undefined ? none : { is: 'email', number };
    }
    case 'threadId': {
      const number = threadNumber(key.id);
      return number === undefined ? none : { is: 'thread', number };
    }
    default:
      return { is: 'header', field: key.is, contains: key.text };
  }
}

const recent = (selected: Selected): Criterion => ({
  is: 'uid',
  ranges: [[selected.recentFrom, numberMax]],
});

/** Words of one text for which a fuzzy search looks one by one. */
const wordsMax = 20;

/** FUZZY (RFC 6203): names and subjects are also found by their readings. */
function fuzzily(criterion: Criterion): Criterion {
  switch (criterion.is) {
    case 'header':
    case 'body':
    case 'text':
      return { ...criterion, fuzzy: true };
    case 'not':
      return { is: 'not', of: fuzzily(criterion.of) };
    case 'and':
    case 'or':
      return { is: criterion.is, of: criterion.of.map(fuzzily) };
    default:
      return criterion;
  }
}

/** And the words of a text may stand anywhere and in any order. Other keys are as they are. */
function inWords(key: SearchKey): SearchKey {
  switch (key.is) {
    case 'from':
    case 'to':
    case 'cc':
    case 'bcc':
    case 'subject':
    case 'body':
    case 'text':
    case 'header': {
      const words = key.text.split(/\s+/u).filter((word) => word !== '');
      if (words.length < 2 || words.length > wordsMax) return key;
      return { is: 'and', keys: words.map((text) => ({ ...key, text })) };
    }
    case 'not':
    case 'fuzzy':
      return { is: key.is, key: inWords(key.key) };
    case 'or':
      return { is: 'or', left: inWords(key.left), right: inWords(key.right) };
    case 'and':
      return { is: 'and', keys: key.keys.map(inWords) };
    default:
      return key;
  }
}

function flagCriterion(flag: string): Criterion {
  const bit = systemFlag(flag);
  if (bit !== undefined) return { is: 'flag', flags: bit };
  if (flag.startsWith('\\')) throw bad('Not a keyword');
  return { is: 'keyword', keyword: flag };
}

function uidsOf(set: SequenceSet, selected: Selected, byUid: boolean): Criterion {
  const ranges = numbersOf(set, selected, byUid).map(({ from, to }): readonly [number, number] => [
    selected.messages.uidOf(from),
    selected.messages.uidOf(to),
  ]);
  return { is: 'uid', ranges };
}

/** Other commands refuse numbers beyond the mailbox. A search is asked what there is: such numbers find nothing, and "9:*" has "*" in it. */
function numbersOf(set: SequenceSet, selected: Selected, byUid: boolean): readonly Range[] {
  if (byUid || set.is === 'saved') return selected.resolve(set, byUid);
  const { count } = selected.messages;
  return resolveRanges(set.ranges, count)
    .filter(({ from }) => from <= count)
    .map(({ from, to }) => ({ from, to: Math.min(to, count) }));
}
