/** The first steps of a new server, until all are done. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react';
import type { Account } from '../../../../src/httpd/admin-api/contract-account.ts';
import type { DnsAnswer } from '../../../../src/httpd/admin-api/contract-dns.ts';
import type { Domain } from '../../../../src/httpd/admin-api/contract-org.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { Section } from '../../parts/Page.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import css from './Home.module.css';

export function FirstSteps({ mailSeen }: { readonly mailSeen: boolean }) {
  const { t } = useWords('console/home');
  const org = useOrg();
  const may = useMay();
  const sees = may('domains:read') && may('accounts:read');
  const domains = useQuery({
    queryKey: ['domains', org],
    queryFn: () => admin.get<PageOf<Domain>>(`/orgs/${org}/domains`),
    enabled: sees,
  });
  const accounts = useQuery({
    queryKey: ['accounts', org, 'some'],
    queryFn: () => admin.get<PageOf<Account>>(`/orgs/${org}/accounts`, { limit: 3 }),
    enabled: sees,
  });
  const domain = domains.data?.items[0]?.name;
  const dns = useQuery({
    queryKey: ['dns', org, domain],
    queryFn: () => admin.get<DnsAnswer>(`/orgs/${org}/domains/${domain}/dns`),
    enabled: domain !== undefined,
    staleTime: 60_000,
  });
  if (!sees || !domains.data || !accounts.data || (domain !== undefined && !dns.data)) return null;
  const required = dns.data?.records.filter(({ record }) => record.need === 'required') ?? [];
  const steps = [
    { name: 'domain', done: domain !== undefined, to: '/console/domains' },
    {
      name: 'records',
      done: required.length > 0 && required.every(({ status }) => status === 'ok'),
      to: domain === undefined ? '/console/domains' : `/console/domains/${domain}`,
    },
    { name: 'accounts', done: accounts.data.items.length > 1, to: '/console/accounts' },
    { name: 'mail', done: mailSeen, to: '/console/log' },
  ];
  const done = steps.filter((step) => step.done).length;
  if (done === steps.length) return null;
  return (
    <Section title={t('steps.title')} text={t('steps.progress', { done, all: steps.length })}>
      <ol className={css['steps']}>
        {steps.map(({ name, done: isDone, to }) => (
          <li key={name} data-done={isDone || undefined}>
            {isDone ? (
              <IconCircleCheckFilled size={20} aria-hidden />
            ) : (
              <IconCircle size={20} stroke={1.5} aria-hidden />
            )}
            <div>
              <Link to={to}>{t(`steps.${name}`)}</Link>
              <p>{t(`steps.${name}Text`)}</p>
            </div>
            <span className="visually-hidden">{t(isDone ? 'steps.done' : 'steps.open')}</span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
