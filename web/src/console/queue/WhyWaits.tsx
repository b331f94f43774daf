/** Why mail for a destination goes as fast as it does: what holds it now, each limit with the rule it comes from, what was learned of the receiver. */
import { Button, Collapse } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconBulb } from '@tabler/icons-react';
import { useState } from 'react';
import type { Why } from '../../../../src/httpd/admin-api/contract-shaping.ts';
import { admin } from '../../api/client.ts';
import { Facts } from '../../parts/Facts.tsx';
import { When } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import css from './Queue.module.css';

const refreshMs = 5000;

export function WhyWaits({ destination }: { readonly destination: string }) {
  const { t, language } = useWords('console/queue');
  const [open, setOpen] = useState(false);
  const { data: why } = useQuery({
    queryKey: ['queue', 'why', destination, language],
    queryFn: () => admin.get<Why>('/shaping/why', { destination, language }),
    refetchInterval: refreshMs,
  });
  if (!why) return null;
  return (
    <>
      {why.last && (
        <div className={css['last']}>
          <p>{t('answered', { host: why.last.host || destination })}</p>
          <blockquote>{why.last.reply}</blockquote>
          {why.last.means !== '' && (
            <p className={css['means']}>
              <IconBulb size={18} stroke={1.5} aria-hidden />
              <span>{why.last.means}</span>
            </p>
          )}
        </div>
      )}
      <h3 className={css['sub']}>{t('whyWaits')}</h3>
      <ul className={css['why']}>
        {why.now.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      <Button variant="subtle" size="compact-sm" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t('limits')}
      </Button>
      <Collapse expanded={open}>
        <Facts
          items={[
            [t('provider'), why.providerTitle || t('noProvider')],
            [t('servers'), why.hosts.join(', ')],
            [t('pool'), why.pool],
          ]}
        />
        {why.sources.map((source) => (
          <Source key={source.source} source={source} />
        ))}
      </Collapse>
    </>
  );
}

function Source({ source }: { readonly source: Why['sources'][number] }) {
  const { t } = useWords('console/queue');
  const { learned, warmUp } = source;
  return (
    <section className={css['source']}>
      <h4>{source.source || source.addresses.join(', ') || t('thisMachine')}</h4>
      <Facts
        items={[
          [t('taken'), t('perSecond', { value: learned.taken.toFixed(1) })],
          [
            t('learned'),
            learned.rate === null ? t('nothingLearned') : t('perSecond', { value: learned.rate.toFixed(1) }),
          ],
          [
            t('suspendedUntil'),
            learned.suspendedUntilMs === null ? '' : <When key="until" atMs={learned.suspendedUntilMs} />,
          ],
          [t('warmUp'), warmUp === null ? '' : t('warmUpText', { ...warmUp })],
        ]}
      />
      <ul className={css['limits']}>
        {source.limits.map((limit) => (
          <li key={`${limit.limit} ${limit.counts}`}>
            <strong>
              {limit.what}: {limit.value}
              {limit.used === null ? '' : ` (${t('inUse', { count: limit.used })})`}
            </strong>
            <p>
              {limit.counts} · {limit.rule}
              {limit.why === '' ? '' : ` · ${limit.why}`}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
