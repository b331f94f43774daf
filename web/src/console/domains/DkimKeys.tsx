/** The keys that sign a domain's mail, in their states, and a new set of them. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { DkimKeyAnswer } from '../../../../src/httpd/admin-api/contract-dkim.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { Copy } from '../../parts/Copy.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Mark, type Mood } from '../../parts/Mark.tsx';
import { Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import css from './Domains.module.css';

const moods: Readonly<Record<DkimKeyAnswer['state'], Mood>> = {
  prepared: 'waiting',
  published: 'waiting',
  active: 'good',
  retiring: 'neutral',
  removed: 'neutral',
};

export function DkimKeys({ path }: { readonly path: string }) {
  const { t } = useWords('console/domains');
  const may = useMay();
  const { data, error, refetch } = useQuery({
    queryKey: ['dkim', path],
    queryFn: () => admin.get<PageOf<DkimKeyAnswer>>(path),
  });
  const rotate = useDeed({
    run: () => admin.post(`${path}/rotate`, {}),
    said: () => t('rotated'),
    changes: ['dkim', path],
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  return (
    <Section
      title={t('keys')}
      text={t('keysText')}
      action={
        may('domains:write') && (
          <Button variant="default" loading={rotate.isPending} onClick={() => rotate.mutate(undefined)}>
            {t('rotate')}
          </Button>
        )
      }
    >
      {!data && <Lines count={3} />}
      {data?.items.map((key) => (
        <article key={key.selector} className={css['record']}>
          <header>
            <Mark mood={moods[key.state]}>{t(`states.${key.state}`)}</Mark>
            <strong>{key.selector}</strong>
            <span className={css['what']}>
              {key.algorithm} · {t('stateSince')} <When atMs={key.sinceMs} />
            </span>
          </header>
          <dl>
            <dt>{t('host')}</dt>
            <dd>
              <code>{key.name}</code>
              <Copy text={key.name} label={t('copyHost')} />
            </dd>
            <dt>{t('value')}</dt>
            <dd>
              <code>{key.record}</code>
              <Copy text={key.record} label={t('copyValue')} />
            </dd>
          </dl>
        </article>
      ))}
    </Section>
  );
}
