/** What the stored details of an email say about a leaf of a search: envelope, date, attachments. */
import { asHiragana } from '../../search/readings.ts';
import { foldText } from '../../search/fold.ts';
import type { EmailDetails } from '../email-facts.ts';
import { envelopeText } from './envelope-text.ts';
import { type Leaf, onDay, type Verdict } from './evaluate.ts';
import { envelopeUnits, readingField, readingUnits } from './message-text.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Undefined when only the message itself can tell. `contains` of the leaf must be folded. */
export function verdictOfDetails(leaf: Leaf, details: EmailDetails): Verdict {
  switch (leaf.is) {
    case 'sent':
      return (
        details.sentAtMs !== undefined &&
        onDay(leaf, Math.floor((details.sentAtMs + details.sentZoneMinutes * minuteMs) / dayMs))
      );
    case 'attachment':
      return details.hasAttachment;
    case 'header':
      return isRead(leaf, details) || headerVerdict(leaf, details);
    case 'text':
      // Found here, it need not be looked for in the message; not found, it may still be there.
      return (
        leaf.contains === '' ||
        envelopeUnits(details).some(({ text }) => text.includes(leaf.contains)) ||
        isRead(leaf, details) ||
        undefined
      );
    default:
      return leaf.contains === '' ? true : undefined;
  }
}

type TextLeaf = Extract<Leaf, { is: 'header' | 'text' }>;

function headerVerdict(leaf: Extract<Leaf, { is: 'header' }>, { index }: EmailDetails): Verdict {
  const text = envelopeText(index.envelope, leaf.field.toLowerCase());
  if (text === undefined) return undefined;
  if (text === null) return false;
  return leaf.contains === '' || foldText(text).trim().includes(leaf.contains);
}

/** By the reading, where the search is one that looks for it. */
function isRead(leaf: TextLeaf, details: EmailDetails): boolean {
  if (leaf.fuzzy !== true || leaf.contains === '') return false;
  const field = leaf.is === 'header' ? readingField(leaf.field.toLowerCase()) : undefined;
  if (leaf.is === 'header' && field === undefined) return false;
  const wanted = asHiragana(leaf.contains);
  return readingUnits(details).some(
    (unit) => (field === undefined || unit.field === field) && unit.text.includes(wanted),
  );
}
