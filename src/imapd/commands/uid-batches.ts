/** UIDBATCHES (RFC 10022): ranges of uids, from the newest down, that hold as many messages each as the client asked for. */
import type { Command } from '../../proto/imap/command.ts';
import { string } from '../../proto/imap/response.ts';
import { uidBatchesMax, uidBatchMin } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import { no } from '../replies.ts';
import type { WithMailbox } from './run.ts';

export async function uidBatches(
  session: WithMailbox,
  { size, range }: Extract<Command, { is: 'UIDBATCHES' }>,
): Promise<Outcome> {
  if (size < uidBatchMin) throw no('The batches are too small', 'TOOFEW');
  const wanted = range ?? { from: 1, to: uidBatchesMax };
  if (wanted.to - wanted.from >= uidBatchesMax) throw no('So many batches are not told at once', 'TOOMANY');
  const { messages } = session.selected;
  const ranges: string[] = [];
  for (let batch = wanted.from; batch <= wanted.to; batch++) {
    const newest = messages.count - (batch - 1) * size;
    if (newest < 1) break;
    // Ranges touch: a uid between two messages belongs to the batch of the older.
    const high = batch === 1 ? messages.uidOf(newest) : messages.uidOf(newest + 1) - 1;
    const oldest = newest - size + 1;
    const low = oldest > 1 ? messages.uidOf(oldest) : 1;
    ranges.push(`${high}:${low}`);
  }
  session.untagged(
    `UIDBATCHES (TAG ${string(session.tag)})${ranges.length === 0 ? '' : ` ${ranges.join(',')}`}`,
  );
  return undefined;
}
