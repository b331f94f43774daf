/** What stands between the rules and the mail: another script runs, or another program has changed the rules. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { IconAlertTriangle } from '@tabler/icons-react';
import { toastError } from '../../../parts/toasts.tsx';
import { useWords } from '../../../words.ts';
import {
  activate,
  beginRules,
  changeRules,
  rulesName,
  storeScript,
  type RulesState,
} from '../../data/rules.ts';
import { emptyBook } from './rule.ts';
import css from '../settings.module.css';

export function RulesNotice({ state }: { readonly state: RulesState }) {
  const { t } = useWords('mail/settings');
  const { book, active, source, scripts } = state;
  if (book === undefined)
    return (
      <Note text={t('notice.changed')}>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() =>
            run(
              anew(
                source,
                scripts.map(({ name }) => name),
              ),
            )
          }
        >
          {t('notice.anew')}
        </Button>
      </Note>
    );
  if (active === rulesName || active === '')
    return book.behind === undefined ? null : <Note text={t('notice.behind', { name: book.behind })} />;
  return (
    <Note text={t('notice.other', { name: active })}>
      <Button size="compact-sm" variant="default" onClick={() => run(together(active))}>
        {t('notice.both')}
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => run(alone())}>
        {t('notice.rulesOnly')}
      </Button>
    </Note>
  );
}

const run = (work: Promise<void>): void => void work.catch(toastError);

/** The rules first, then the other script as it is. */
async function together(other: string): Promise<void> {
  await changeRules((book) => ({ ...book, behind: other }));
  await activate(rulesName);
}

async function alone(): Promise<void> {
  await changeRules(({ blocked, rules }) => ({ blocked, rules, behind: undefined }));
  await activate(rulesName);
}

/** What another program made of the rules is kept under a name of its own. */
async function anew(source: string, taken: readonly string[]): Promise<void> {
  let name = `${rulesName}-changed`;
  for (let i = 2; taken.includes(name); i++) name = `${rulesName}-changed-${i}`;
  await storeScript(name, source);
  await beginRules(emptyBook);
}

function Note({ text, children }: { readonly text: string; readonly children?: ReactNode }) {
  return (
    <div className={css['note']} role="status">
      <IconAlertTriangle size={18} stroke={1.5} aria-hidden />
      <span>{text}</span>
      {children}
    </div>
  );
}
