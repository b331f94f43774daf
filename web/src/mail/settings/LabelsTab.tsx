/** Labels: their names and colours. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconTag, IconTrash } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { Empty } from '../../parts/Empty.tsx';
import { Section } from '../../parts/Page.tsx';
import { toast, toastError } from '../../parts/toasts.tsx';
import { useWords } from '../../words.ts';
import { colours, saveLabels, useLabels, type Label } from '../data/labels.ts';
import { keywordFor } from '../data/label-keyword.ts';
import { LabelChip } from '../list/LabelChip.tsx';
import { RowTool } from './rules/RulesTab.tsx';
import css from './settings.module.css';

export default function LabelsTab() {
  const { t } = useWords('mail/settings');
  const labels = useLabels();
  const [name, setName] = useState('');
  const save = (items: readonly Label[]): void => void saveLabels(items).catch(toastError);
  const add = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() === '') return;
    const colour = colours[(labels.length + 1) % colours.length]!;
    save([...labels, { keyword: keywordFor(name, labels), name: name.trim(), colour }]);
    setName('');
  };
  const drop = (label: Label): void => {
    save(labels.filter((each) => each !== label));
    toast({ text: t('labels.deleted', { name: label.name }), undo: () => save(labels) });
  };
  return (
    <Section title={t('labels.title')} text={t('labels.text')}>
      <form className={css['line']} onSubmit={add}>
        <TextInput
          className={css['grow']!}
          aria-label={t('labels.name')}
          placeholder={t('labels.nameHint')}
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default">
          {t('labels.add')}
        </Button>
      </form>
      {labels.length === 0 ? (
        <Empty icon={IconTag} title={t('labels.none')} text={t('labels.noneText')} />
      ) : (
        <ul className={css['list']}>
          {labels.map((label, index) => (
            <li key={label.keyword} className={css['labelRow']}>
              <span className={css['chip']}>
                <LabelChip label={label} />
              </span>
              <NameField
                label={label}
                onChange={(next) => save(labels.with(index, { ...label, name: next }))}
              />
              <NativeSelect
                aria-label={t('labels.colour', { name: label.name })}
                value={label.colour}
                onChange={({ currentTarget: { value } }) =>
                  save(labels.with(index, { ...label, colour: value as Label['colour'] }))
                }
                data={colours.map((value) => ({ value, label: t(`colours.${value}`) }))}
              />
              <RowTool
                label={t('labels.drop', { name: label.name })}
                icon={IconTrash}
                onClick={() => drop(label)}
              />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** Kept when one leaves the field. */
function NameField({
  label,
  onChange,
}: {
  readonly label: Label;
  readonly onChange: (name: string) => void;
}) {
  const { t } = useWords('mail/settings');
  const [name, setName] = useState(label.name);
  return (
    <TextInput
      aria-label={t('labels.rename', { name: label.name })}
      value={name}
      maxLength={60}
      onChange={(event) => setName(event.currentTarget.value)}
      onBlur={() => {
        const next = name.trim();
        if (next !== '' && next !== label.name) onChange(next);
        else setName(label.name);
      }}
    />
  );
}
