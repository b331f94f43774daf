/** A contact as a form: names with their readings, addresses, and what else is known. */
import { Button, CloseButton, NativeSelect, TextInput, Textarea } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState, type ComponentProps, type FormEvent } from 'react';
import { toastError } from '../parts/toasts.tsx';
import { useWords } from '../words.ts';
import { changesOf, fieldsOf, noFields, type Card, type ContactFields, type ContactLine } from './card.ts';
import { createCard, updateCard } from './data.ts';
import css from './contacts.module.css';

interface FormProps {
  readonly account: string;
  /** Where a new one goes. */
  readonly book: string;
  /** Absent: it is new. */
  readonly card?: Card;
  /** What is known of a new one. */
  readonly address: string;
  readonly name: string;
  readonly onClose: (id?: string) => void;
}

type TextName = {
  [K in keyof ContactFields]: ContactFields[K] extends string ? K : never;
}[keyof ContactFields];

export function ContactForm({ account, book, card, address, name, onClose }: FormProps) {
  const { t } = useWords('contacts');
  const { t: parts } = useWords('parts');
  const [fields, setFields] = useState<ContactFields>(() =>
    card
      ? fieldsOf(card)
      : { ...noFields, ...namesIn(name), emails: [{ key: '', value: address, kind: '' }] },
  );
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<ContactFields>): void => setFields({ ...fields, ...change });
  const text = (of: TextName, more: Partial<ComponentProps<typeof TextInput>> = {}) => (
    <TextInput
      label={t(`fields.${of}`)}
      value={fields[of]}
      maxLength={400}
      onChange={(event) => set({ [of]: event.currentTarget.value })}
      {...more}
    />
  );
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      const changes = changesOf(card ?? {}, fields);
      if (card) {
        await updateCard(account, card.id, changes);
        onClose(card.id);
      } else {
        const known = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== null));
        onClose(
          await createCard(account, { kind: 'individual', addressBookIds: { [book]: true }, ...known }),
        );
      }
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={css['form']} onSubmit={(event) => void submit(event)}>
      <h2>{t(card ? 'edit' : 'new')}</h2>
      <div className={css['pair']}>
        {text('surname', { 'data-autofocus': true, autoFocus: true } as never)}
        {text('given')}
      </div>
      <div className={css['pair']}>
        {text('surnameReading')}
        {text('givenReading')}
      </div>
      <div className={css['pair']}>
        {text('organization')}
        {text('unit')}
      </div>
      {text('title')}
      <LinesOf of="emails" lines={fields.emails} onChange={(emails) => set({ emails })} />
      <LinesOf of="phones" lines={fields.phones} onChange={(phones) => set({ phones })} />
      <div className={css['pair']}>
        {text('postcode')}
        {text('birthday', { type: 'date' })}
      </div>
      {text('address')}
      <Textarea
        label={t('fields.note')}
        autosize
        minRows={2}
        maxRows={12}
        value={fields.note}
        onChange={(event) => set({ note: event.currentTarget.value })}
      />
      <div className="form-foot">
        <Button variant="default" onClick={() => onClose(card?.id)}>
          {parts('cancel')}
        </Button>
        <Button type="submit" loading={busy}>
          {t('save')}
        </Button>
      </div>
    </form>
  );
}

/** `髙橋 一郎` is a surname and a given name; a name in letters the other way round. */
function namesIn(name: string): Partial<ContactFields> {
  const [one = '', ...more] = name.trim().split(/\s+/);
  const rest = more.join(' ');
  if (rest === '') return { surname: one };
  return /[^\u0000-\u024f]/.test(name)
    ? { surname: one, given: rest }
    : { surname: more.at(-1) ?? '', given: [one, ...more.slice(0, -1)].join(' ') };
}

interface LinesProps {
  readonly of: 'emails' | 'phones';
  readonly lines: readonly ContactLine[];
  readonly onChange: (lines: readonly ContactLine[]) => void;
}

function LinesOf({ of, lines, onChange }: LinesProps) {
  const { t } = useWords('contacts');
  return (
    <fieldset className={css['lines']}>
      <legend>{t(`fields.${of}`)}</legend>
      {lines.map((line, index) => (
        <div key={index} className={css['line']}>
          <TextInput
            className={css['grow']!}
            type={of === 'emails' ? 'email' : 'tel'}
            aria-label={t(of === 'emails' ? 'email' : 'phone')}
            value={line.value}
            maxLength={400}
            onChange={(event) => onChange(lines.with(index, { ...line, value: event.currentTarget.value }))}
          />
          <NativeSelect
            aria-label={t('kind')}
            value={line.kind}
            onChange={({ currentTarget: { value } }) =>
              onChange(lines.with(index, { ...line, kind: value as ContactLine['kind'] }))
            }
            data={(['', 'work', 'private'] as const).map((value) => ({
              value,
              label: t(`kinds.${value === '' ? 'none' : value}`),
            }))}
          />
          <CloseButton aria-label={t('dropLine')} onClick={() => onChange(lines.toSpliced(index, 1))} />
        </div>
      ))}
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...lines, { key: '', value: '', kind: '' }])}
        >
          {t(`add.${of}`)}
        </Button>
      </div>
    </fieldset>
  );
}
