/** Rules as the forms have them. What they become is in sieve.ts. */

export type TextPlace = 'from' | 'to' | 'subject' | 'body' | 'header';
export type TextTest = 'contains' | 'containsNot' | 'is' | 'begins' | 'ends';

export type Condition =
  | {
      readonly of: TextPlace;
      /** Of `header` alone: the name of the field. */
      readonly field?: string;
      readonly how: TextTest;
      readonly text: string;
    }
  /** A part of the list's name (List-Id, RFC 2919); empty: any list. */
  | { readonly of: 'list'; readonly text: string }
  | { readonly of: 'attachment'; readonly has: boolean }
  | { readonly of: 'size'; readonly how: 'over' | 'under'; readonly kib: number };

export type Action =
  | {
      readonly do: 'move';
      /** JMAP's id, which stays when the mailbox is renamed (RFC 9042). */
      readonly mailbox: string;
      /** Its full name, for the day on which the id is gone. */
      readonly name: string;
    }
  | { readonly do: 'label'; readonly keyword: string }
  | { readonly do: 'mark'; readonly as: 'seen' | 'flagged' }
  | { readonly do: 'forward'; readonly to: string }
  | { readonly do: 'delete' }
  /** Rules behind it are not asked. */
  | { readonly do: 'stop' };

export interface Rule {
  readonly name: string;
  readonly on: boolean;
  /** Whether all conditions must hold, or one. None at all: all mail. */
  readonly match: 'all' | 'any';
  readonly conditions: readonly Condition[];
  readonly actions: readonly Action[];
}

export interface RuleBook {
  /** Addresses, or `@domain`, whose mail goes to the junk. */
  readonly blocked: readonly string[];
  readonly rules: readonly Rule[];
  /** A script of another program that runs behind the rules, untouched. */
  readonly behind: string | undefined;
}

export const emptyBook: RuleBook = { blocked: [], rules: [], behind: undefined };

/** What keeps a rule from being stored. */
export type RuleFault =
  | 'noAction'
  | 'noText'
  | 'noField'
  | 'badField'
  | 'noMailbox'
  | 'badAddress'
  | 'noSize';

export function faultOf({ conditions, actions }: Rule): RuleFault | undefined {
  if (!actions.some((action) => action.do !== 'stop')) return 'noAction';
  for (const condition of conditions) {
    if (condition.of === 'size' && !(condition.kib > 0)) return 'noSize';
    if ('how' in condition && 'text' in condition) {
      if (condition.text.trim() === '') return 'noText';
      if (condition.of === 'header' && (condition.field ?? '') === '') return 'noField';
      if (condition.of === 'header' && !/^[!-9;-~]+$/.test(condition.field ?? '')) return 'badField';
    }
  }
  for (const action of actions) {
    if (action.do === 'move' && action.mailbox === '') return 'noMailbox';
    if (action.do === 'forward' && !isAddress(action.to)) return 'badAddress';
  }
  return undefined;
}

export const isAddress = (text: string): boolean => /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(text);

/** An address, or all of a domain. */
export const isBlockable = (text: string): boolean => isAddress(text) || /^@[^\s@<>,;"]+$/.test(text);
