/** One record: what to publish, whether it is seen, and what stands there instead. */
import type { DnsAnswer } from '../../../../src/httpd/admin-api/contract-dns.ts';
import { Copy } from '../../parts/Copy.tsx';
import { Mark, type Mood } from '../../parts/Mark.tsx';
import { useWords } from '../../words.ts';
import css from './Domains.module.css';

type Row = DnsAnswer['records'][number];

const moods: Readonly<Record<Row['status'], Mood>> = {
  ok: 'good',
  missing: 'bad',
  different: 'bad',
  unknown: 'waiting',
  unchecked: 'neutral',
};

export function RecordRow({ row, domain }: { readonly row: Row; readonly domain: string }) {
  const { t } = useWords('console/domains');
  const { record, status, found, unexpected, notes, spfLookups, servers } = row;
  const mood = record.need === 'optional' && moods[status] === 'bad' ? 'neutral' : moods[status];
  return (
    <article className={css['record']} data-status={status}>
      <header>
        <Mark mood={mood}>{t(`status.${status}`)}</Mark>
        <strong>{t(`purpose.${record.purpose}`)}</strong>
        <span className={css['what']}>{t(`what.${record.purpose}`)}</span>
      </header>
      <dl>
        <dt>{t('type')}</dt>
        <dd>{record.type}</dd>
        <dt>{t('host')}</dt>
        <dd>
          <code>{record.name}</code>
          <Copy text={shortName(record.name, domain)} label={t('copyHost')} />
        </dd>
        <dt>{t('value')}</dt>
        <dd>
          <code>{record.data}</code>
          <Copy text={record.data} label={t('copyValue')} />
        </dd>
        {status === 'different' && (
          <>
            <dt>{t('seenValue')}</dt>
            <dd>
              {found.map((each) => (
                <Difference key={each} wanted={record.data} seen={each} bad={unexpected.includes(each)} />
              ))}
            </dd>
          </>
        )}
      </dl>
      <ul>
        {notes.map((note) => (
          <li key={note}>{t(`notes.${note}`)}</li>
        ))}
        {spfLookups !== undefined && <li>{t('spfLookups', { count: spfLookups })}</li>}
        {servers.map(({ server, records, problem }) => (
          <li key={server}>
            {server === '' ? '' : `${server}: `}
            {problem || records?.join(', ') || t('status.missing')}
          </li>
        ))}
      </ul>
    </article>
  );
}

/** What editors of DNS hosts ask for: the part before the domain. */
function shortName(name: string, domain: string): string {
  if (name === domain) return '@';
  return name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : name;
}

interface DifferenceProps {
  readonly wanted: string;
  readonly seen: string;
  readonly bad: boolean;
}

/** The words of what is there that are not wanted are marked. */
function Difference({ wanted, seen, bad }: DifferenceProps) {
  const words = new Set(wanted.split(/[\s;]+/));
  return (
    <code className={css['seen']} data-bad={bad || undefined}>
      {seen
        .split(/(\s+)/)
        .map((part, i) =>
          words.has(part.replace(/;$/, '')) || part.trim() === '' ? part : <mark key={i}>{part}</mark>,
        )}
    </code>
  );
}
