/** From whom, to whom, about what. */
import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../../words.ts';
import type { Id, Identity } from '../jmap/types.ts';
import type { Draft } from './draft.ts';
import { Recipients } from './Recipients.tsx';
import css from './compose.module.css';

interface FieldsProps {
  readonly account: Id;
  readonly draft: Draft;
  readonly from: Identity;
  readonly identities: readonly Identity[];
  readonly onFrom: (from: Identity) => void;
  readonly onChange: (part: Partial<Draft>) => void;
}

export function Fields({ account, draft, from, identities, onFrom, onChange }: FieldsProps) {
  const { t } = useWords('mail/compose');
  const [more, setMore] = useState(draft.cc.length + draft.bcc.length > 0);
  const [focusTo] = useState(draft.to.length === 0);
  const shownCc = more || draft.cc.length + draft.bcc.length > 0;
  const known = identities.filter(({ email }) => !email.startsWith('*@'));
  // One that stands for a whole domain is shown by the address it is used with.
  const choices = known.some(({ id }) => id === from.id) ? known : [...known, from];
  return (
    <div className={css['fields']}>
      {choices.length > 1 && (
        <Select
          label={t('from')}
          size="xs"
          data={choices.map((each) => ({ value: each.id, label: nameOf(each) }))}
          value={from.id}
          allowDeselect={false}
          onChange={(id) => onFrom(choices.find((each) => each.id === id) ?? from)}
        />
      )}
      <div className={css['line']}>
        <Recipients
          account={account}
          label={t('to')}
          value={draft.to}
          autoFocus={focusTo}
          onChange={(to) => onChange({ to })}
        />
        {!shownCc && (
          <Button size="compact-xs" variant="subtle" onClick={() => setMore(true)}>
            {t('ccBcc')}
          </Button>
        )}
      </div>
      {shownCc && (
        <>
          <Recipients
            account={account}
            label={t('cc')}
            value={draft.cc}
            onChange={(cc) => onChange({ cc })}
          />
          <Recipients
            account={account}
            label={t('bcc')}
            value={draft.bcc}
            onChange={(bcc) => onChange({ bcc })}
          />
        </>
      )}
      <TextInput
        label={t('subject')}
        size="xs"
        value={draft.subject}
        onChange={(event) => onChange({ subject: event.currentTarget.value })}
      />
    </div>
  );
}

export const nameOf = ({ name, email }: Identity): string => (name ? `${name} <${email}>` : email);
