/** Addresses and domains whose mail goes to the junk. */
import { Button, TextInput } from '@mantine/core';
import { IconBan, IconTrash } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { toastError } from '../../parts/toasts.tsx';
import { useWords } from '../../words.ts';
import { block, unblock } from '../data/blocking.ts';
import { useRules } from '../data/rules.ts';
import { isBlockable } from './rules/rule.ts';
import { RulesNotice } from './rules/RulesNotice.tsx';
import { RowTool } from './rules/RulesTab.tsx';
import css from './settings.module.css';

export default function BlockedTab() {
  const { t } = useWords('mail/settings');
  const { data, error, refetch } = useRules();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (!data) return <Lines />;
  const add = (event: FormEvent): void => {
    event.preventDefault();
    const address = text.trim().toLowerCase();
    if (!isBlockable(address)) return setWrong(true);
    block(address).then(() => setText(''), toastError);
  };
  const blocked = data.book?.blocked ?? [];
  return (
    <>
      <RulesNotice state={data} />
      {data.book && (
        <Section title={t('blocked.title')} text={t('blocked.text')}>
          <form className={css['line']} onSubmit={add}>
            <TextInput
              className={css['grow']!}
              aria-label={t('blocked.address')}
              placeholder="name@example.com, @example.com"
              value={text}
              error={wrong ? t('blocked.wrong') : undefined}
              onChange={(event) => {
                setText(event.currentTarget.value);
                setWrong(false);
              }}
            />
            <Button type="submit" variant="default">
              {t('blocked.add')}
            </Button>
          </form>
          {blocked.length === 0 ? (
            <Empty icon={IconBan} title={t('blocked.none')} text={t('blocked.noneText')} />
          ) : (
            <ul className={css['list']}>
              {blocked.map((address) => (
                <li key={address} className={css['row']}>
                  <span className={css['what']}>{address}</span>
                  <RowTool
                    label={t('blocked.drop', { address })}
                    icon={IconTrash}
                    onClick={() => void unblock(address).catch(toastError)}
                  />
                </li>
              ))}
            </ul>
          )}
        </Section>
      )}
    </>
  );
}
