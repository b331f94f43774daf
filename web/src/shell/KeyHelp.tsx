/** The keys, as a list. */
import { Kbd, Modal } from '@mantine/core';
import type { Person } from '../session/session.ts';
import { useWords } from '../words.ts';
import { placesFor } from './places.ts';
import css from './KeyHelp.module.css';

export function KeyHelp({ person, onClose }: { readonly person: Person; readonly onClose: () => void }) {
  const { t } = useWords('shell');
  const going = placesFor(person).filter(({ key }) => key !== undefined);
  return (
    <Modal opened onClose={onClose} title={t('keys')} size={520}>
      <dl className={css['keys']}>
        <Row keys={['Ctrl', 'K']} what={t('help.palette')} />
        <Row keys={['/']} what={t('help.search')} />
        <Row keys={['?']} what={t('help.help')} />
        <Row keys={['Esc']} what={t('help.escape')} />
        {going.map(({ name, key }) => (
          <Row key={name} keys={['g', key!]} what={t('help.goTo', { place: t(`places.${name}`) })} />
        ))}
      </dl>
    </Modal>
  );
}

function Row({ keys, what }: { readonly keys: readonly string[]; readonly what: string }) {
  return (
    <div>
      <dt>
        {keys.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </dt>
      <dd>{what}</dd>
    </div>
  );
}
