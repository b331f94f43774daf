/**
 * What an event of the ledger means for the list: a hard error, a delivery (which ends a sequence of errors), or a complaint. Pure.
 *
 * Blocks of ours, soft errors and what was not tried are nothing: they say nothing about the address.
 */
import type { MailEvent } from '../events/event.ts';
import { classifyRefusal } from '../proto/bounce/classify.ts';
import type { BouncePhase } from '../proto/bounce/verdict.ts';

export interface Deed {
  readonly seq: number;
  readonly atMs: number;
  readonly org: string;
  /** As it was sent to. */
  readonly recipient: string;
  readonly message: string;
  readonly is: 'hard' | 'delivered' | 'complaint';
  readonly reason: string;
  readonly phase: string;
  readonly reply: string;
}

export function deedOf(event: MailEvent, seq: number): Deed | undefined {
  const { atMs, org, recipient, message } = event;
  if (org === '' || recipient === '') return undefined;
  const about = { seq, atMs, org, recipient, message };
  switch (event.is) {
    case 'delivered':
      return { ...about, is: 'delivered', reason: '', phase: '', reply: '' };
    case 'bounced': {
      const { phase, host, reply, why } = event.data;
      if (why !== 'refused' && why !== 'unroutable') return undefined;
      const verdict = classifyRefusal({ phase: phaseOf(phase), host, recipient, text: reply, status: '' });
      return verdict.class === 'hard'
        ? { ...about, is: 'hard', reason: verdict.reason, phase, reply }
        : undefined;
    }
    case 'bouncedLater': {
      const { class: found, reason, reply } = event.data;
      return found === 'hard' ? { ...about, is: 'hard', reason, phase: 'report', reply } : undefined;
    }
    case 'complained': {
      const { reason } = event.data;
      // That mail was no spam after all, and what failed DMARC, is not said by who got it.
      if (reason === 'notSpam' || reason === 'authFailure') return undefined;
      return { ...about, is: 'complaint', reason, phase: 'report', reply: '' };
    }
    default:
      return undefined;
  }
}

const phaseOf = (phase: string): BouncePhase => (phase === 'banner' ? 'greeting' : (phase as BouncePhase));
