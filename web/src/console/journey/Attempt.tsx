/** One try at a server as a waterfall: each question to DNS, then the conversation; how it was encrypted, and what was answered. */
import { lengthOfTime } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import type { LedgerEvent } from './stations.ts';
import css from './Attempt.module.css';

type Tried = Extract<LedgerEvent, { is: 'attempted' | 'delivered' }>;

interface Bar {
  readonly name: string;
  readonly detail: string;
  readonly fromMs: number;
  readonly ms: number;
  readonly mood: 'neutral' | 'good' | 'waiting';
}

export function Attempt({ event }: { readonly event: Tried }) {
  const { t, language } = useWords('console/journey');
  const bars = barsOf(event, t);
  const wholeMs = Math.max(1, ...bars.map(({ fromMs, ms }) => fromMs + ms));
  return (
    <div className={css['attempt']}>
      <table>
        <caption className="visually-hidden">{t('waterfall')}</caption>
        <tbody>
          {bars.map(({ name, detail, fromMs, ms, mood }, i) => (
            <tr key={`${i} ${name}`}>
              <th scope="row">{name}</th>
              <td className={css['track']} aria-hidden>
                <span
                  data-mood={mood}
                  style={{ left: `${(fromMs / wholeMs) * 100}%`, width: `${(ms / wholeMs) * 100}%` }}
                />
              </td>
              <td className={css['took']}>{lengthOfTime(ms, language)}</td>
              <td>{detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function barsOf(
  { is, data }: Tried,
  t: (key: string, values: Readonly<Record<string, string>>) => string,
): Bar[] {
  const { dns = [], ms, host, ip, tls, reply } = data;
  let at = 0;
  const asked = dns.map((step): Bar => {
    const fromMs = at;
    at += step.ms;
    const name = `DNS ${step.type}`;
    return { name, detail: `${step.name} → ${step.answer.join(', ')}`, fromMs, ms: step.ms, mood: 'neutral' };
  });
  const server = ip === '' ? host : `${host} [${ip}]`;
  const secured = tls
    ? t(tls.verified ? 'tlsVerified' : 'tlsUnverified', { version: tls.version, cipher: tls.cipher })
    : t('inClear', {});
  const detail = [server, secured, reply].filter((part) => part !== '').join(' · ');
  const mood = is === 'delivered' ? 'good' : 'waiting';
  return [...asked, { name: 'SMTP', detail, fromMs: at, ms: Math.max(0, ms - at), mood }];
}
