/** The rules of Gmail, Yahoo, Outlook.com and docomo as a checklist for a domain: what is met, what is not, and what to do. */
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconWorldWww } from '@tabler/icons-react';
import type { DnsAnswer } from '../../../../src/httpd/admin-api/contract-dns.ts';
import type { Domain } from '../../../../src/httpd/admin-api/contract-org.ts';
import type { TlsReportItem } from '../../../../src/httpd/admin-api/contract-reports.ts';
import { admin, type PageOf } from '../../api/client.ts';
import { useList } from '../../api/lists.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { useOrg } from '../org.ts';
import { complaintRate, useOutcomes } from './outcomes.ts';
import { askers, needs, resultsOf, verdictFor, type RuleResult } from './rules.ts';
import css from './Deliverability.module.css';

const days = 30;
const moods = { met: 'good', broken: 'bad', unseen: 'neutral' } as const;

export function Rules() {
  const { t } = useWords('console/deliverability');
  const org = useOrg();
  const [filters, setFilters] = useFilters();
  const domains = useList<Domain>(`/orgs/${org}/domains`);
  const names = domains.rows.filter(({ aliasOf }) => aliasOf === '').map(({ name }) => name);
  const domain = names.find((name) => name === filters['domain']) ?? names[0];
  if (domains.error) return <ProblemBox error={domains.error} />;
  if (domains.isPending) return <Lines />;
  if (domain === undefined)
    return (
      <Empty
        icon={IconWorldWww}
        title={t('noDomain')}
        text={t('noDomainText')}
        action={<Link to="/console/domains">{t('toDomains')}</Link>}
      />
    );
  return (
    <>
      <div className={css['rulesHead']}>
        <p>{t('rulesText')}</p>
        <Select
          w={240}
          aria-label={t('domain')}
          data={names}
          value={domain}
          allowDeselect={false}
          onChange={(next) => setFilters({ domain: next ?? '' })}
        />
      </div>
      <Checklist key={domain} org={org} domain={domain} />
    </>
  );
}

function useSeen(org: string, domain: string) {
  const may = useMay();
  const path = `/orgs/${org}/domains/${domain}`;
  const dns = useQuery({
    queryKey: ['dns', org, domain],
    queryFn: () => admin.get<DnsAnswer>(`${path}/dns`),
  });
  const tls = useQuery({
    queryKey: ['tls', path],
    queryFn: () => admin.get<PageOf<TlsReportItem>>(`${path}/tls-reports`, { days, limit: 500 }),
    enabled: may('stats:read'),
  });
  const outcomes = useOutcomes(days);
  const error = dns.error ?? outcomes.error;
  if (!dns.data || !outcomes.data) return { error };
  const reports = tls.data?.items ?? [];
  const sum = (field: 'failures' | 'successes'): number => reports.reduce((all, one) => all + one[field], 0);
  const { items } = outcomes.data;
  return {
    error,
    seen: {
      dns: dns.data,
      complaintRate: complaintRate(items),
      delivered: items.reduce((all, { delivered }) => all + delivered, 0),
      tls: { failed: sum('failures'), all: sum('failures') + sum('successes') },
    },
  };
}

function Checklist({ org, domain }: { readonly org: string; readonly domain: string }) {
  const { t } = useWords('console/deliverability');
  const { error, seen } = useSeen(org, domain);
  if (error) return <ProblemBox error={error} />;
  if (!seen) return <Lines />;
  const results = resultsOf(seen);
  return (
    <div className={css['map']} tabIndex={0} role="region" aria-label={t('tabs.rules')}>
      <table className={css['rules']}>
        <thead>
          <tr>
            <th scope="col">{t('rule')}</th>
            {askers.map((asker) => (
              <th key={asker} scope="col">
                {t(`askers.${asker}`)}
                <br />
                <Mark mood={moods[verdictFor(asker, results)]}>
                  {t(`whole.${verdictFor(asker, results)}`)}
                </Mark>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {results.map((result) => (
            <tr key={result.rule}>
              <th scope="row">
                <Mark mood={moods[result.is]}>{t(`rules.${result.rule}`)}</Mark>
                <p>{t(`found.${result.rule}.${result.found}`, { detail: result.detail })}</p>
                <Fix result={result} domain={domain} />
              </th>
              {askers.map((asker) => (
                <td key={asker}>{t(`needs.${needs[result.rule][asker]}`)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Where what is not met can be mended. */
function Fix({ result: { rule, is }, domain }: { readonly result: RuleResult; readonly domain: string }) {
  const { t } = useWords('console/deliverability');
  if (is === 'met') return null;
  if (rule === 'complaints')
    return (
      <Link to="/console/suppressions" search={{ cause: 'complaint' } as never}>
        {t('toComplaints')}
      </Link>
    );
  if (rule === 'tls')
    return (
      <Link to="/console/reports" search={{ tab: 'tls', domain } as never}>
        {t('toTls')}
      </Link>
    );
  if (rule === 'oneClick') return null;
  return <Link to={`/console/domains/${domain}`}>{t('toRecords')}</Link>;
}
