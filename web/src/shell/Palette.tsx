/** Ctrl/Cmd+K: reaches every page and action, and finds mail by address, Message-ID or id. */
import { Modal, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import {
  IconAddressBook,
  IconListSearch,
  IconMail,
  IconSettings,
  IconShieldLock,
  type Icon,
} from '@tabler/icons-react';
import { useId, useState, type KeyboardEvent } from 'react';
import type { Person } from '../session/session.ts';
import { useWords } from '../words.ts';
import { usePageActions } from './actions.ts';
import { placesFor } from './places.ts';
import css from './Palette.module.css';

interface Choice {
  readonly id: string;
  readonly label: string;
  readonly group: string;
  readonly icon: Icon;
  readonly keys?: string | undefined;
  readonly run: () => void;
}

export function Palette({ person, onClose }: { readonly person: Person; readonly onClose: () => void }) {
  const { t } = useWords('shell');
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const choices = useChoices(person, text.trim());
  const chosen = Math.min(at, choices.length - 1);
  const run = (choice: Choice | undefined): void => {
    if (!choice) return;
    onClose();
    choice.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((chosen + step + choices.length) % Math.max(1, choices.length));
    }
    if (event.key === 'Enter') run(choices[chosen]);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={560}
      yOffset="12vh"
      aria-label={t('palette.title')}
    >
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        className={css['field']!}
        aria-label={t('palette.title')}
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={choices[chosen] && `${list}-${chosen}`}
        placeholder={t('palette.placeholder')}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={css['list']} role="listbox" id={list} aria-label={t('palette.title')}>
        {choices.length === 0 && <p className={css['none']}>{t('palette.none')}</p>}
        {choices.map((choice, i) => (
          <div
            key={choice.id}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === chosen}
            className={css['choice']}
            ref={i === chosen ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
            onMouseMove={() => setAt(i)}
            onClick={() => run(choice)}
          >
            <choice.icon size={18} stroke={1.5} aria-hidden />
            <span>{choice.label}</span>
            <small>{choice.keys ?? choice.group}</small>
          </div>
        ))}
      </div>
      <p className={css['hint']}>{t('palette.hint')}</p>
    </Modal>
  );
}

function useChoices(person: Person, text: string): readonly Choice[] {
  const { t } = useWords('shell');
  const navigate = useNavigate();
  const actions = usePageActions();
  const go = (path: string) => () => void navigate({ to: path });
  const all: Choice[] = [
    ...actions.map(({ id, label, icon, run }) => ({ id, label, icon, run, group: t('palette.actions') })),
    ...placesFor(person).map(({ name, path, icon, key }) => ({
      id: path,
      label: t(`places.${name}`),
      icon,
      group: t('palette.goTo'),
      keys: key === undefined ? undefined : `g ${key}`,
      run: go(path),
    })),
    { id: '/mail', label: t('mail'), icon: IconMail, group: t('palette.goTo'), run: go('/mail') },
    {
      id: '/contacts',
      label: t('contacts'),
      icon: IconAddressBook,
      group: t('palette.goTo'),
      run: go('/contacts'),
    },
    {
      id: '/mail/settings',
      label: t('mailSettings'),
      icon: IconSettings,
      group: t('palette.goTo'),
      run: go('/mail/settings'),
    },
    { id: '/me', label: t('security'), icon: IconShieldLock, group: t('palette.goTo'), run: go('/me') },
  ];
  const wanted = text.toLowerCase();
  const found = all.filter(({ label, id }) => `${label} ${id}`.toLowerCase().includes(wanted));
  if (text.length < 3 || !person.permissions.includes('journey:read')) return found;
  const find = () => void navigate({ to: '/console/log', search: { q: text } });
  return [
    ...found,
    {
      id: 'find',
      label: t('palette.find', { text }),
      icon: IconListSearch,
      group: t('places.log'),
      run: find,
    },
  ];
}
