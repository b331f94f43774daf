/** Where mail is read. Until then: how a mail program reaches it. */
import { IconMail } from '@tabler/icons-react';
import { Empty } from '../parts/Empty.tsx';
import { Page } from '../parts/Page.tsx';
import { usePerson } from '../session/session.ts';
import { useWords } from '../words.ts';

export function Mail() {
  const { t } = useWords('mail');
  const { address } = usePerson();
  return (
    <Page title={t('title')}>
      <Empty icon={IconMail} title={t('byProgram')} text={t('byProgramText', { address })} />
    </Page>
  );
}
