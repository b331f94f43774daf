/** A label: its name on its colour. */
import type { Label } from '../data/labels.ts';
import css from './list.module.css';

export function LabelChip({ label }: { readonly label: Label }) {
  return (
    <span className={css['label']} data-colour={label.colour}>
      {label.name}
    </span>
  );
}
