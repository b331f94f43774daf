/** How the mail looks in this browser. */
import { Radio, Switch } from '@mantine/core';
import { Section } from '../../parts/Page.tsx';
import { useWords } from '../../words.ts';
import { changeLook, layouts, useLook, type Look } from '../data/look.ts';
import css from './settings.module.css';

export default function LookTab() {
  const { t } = useWords('mail/settings');
  const look = useLook();
  return (
    <Section title={t('look.title')} text={t('look.text')}>
      <div className={css['stack']}>
        <Radio.Group
          label={t('look.layout')}
          value={look.layout}
          onChange={(layout) => changeLook({ layout: layout as Look['layout'] })}
        >
          {layouts.map((each) => (
            <Radio key={each} value={each} label={t(`look.${each}`)} mt={8} />
          ))}
        </Radio.Group>
        <Switch
          label={t('look.conversations')}
          description={t('look.conversationsHint')}
          checked={look.conversations}
          onChange={(event) => changeLook({ conversations: event.currentTarget.checked })}
        />
      </div>
    </Section>
  );
}
