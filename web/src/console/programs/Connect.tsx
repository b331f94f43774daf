/** How a program sends its first mail: by SMTP or by HTTP, to copy. */
import { SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Copy } from '../../parts/Copy.tsx';
import { Section } from '../../parts/Page.tsx';
import { usePerson } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import css from './Programs.module.css';

const ways = ['curl', 'node', 'smtp'] as const;
type Way = (typeof ways)[number];

export function Connect() {
  const { t } = useWords('console/programs');
  const { address } = usePerson();
  const [way, setWay] = useState<Way>('curl');
  const text = exampleOf(way, address);
  return (
    <>
      <Section title={t('keyFirst')} text={t('keyFirstText')}>
        <Link to="/console/keys">{t('toKeys')}</Link>
      </Section>
      <Section
        title={t('firstMail')}
        text={t('firstMailText')}
        action={
          <SegmentedControl
            aria-label={t('way')}
            data={ways.map((value) => ({ value, label: t(`ways.${value}`) }))}
            value={way}
            onChange={(value) => setWay(value as Way)}
          />
        }
      >
        <div className={css['example']}>
          <pre tabIndex={0}>{text}</pre>
          <Copy text={text} />
        </div>
        <p className={css['soft']}>{t(`waysText.${way}`)}</p>
      </Section>
    </>
  );
}

function exampleOf(way: Way, from: string): string {
  const to = 'delivered@simulator.test';
  if (way === 'smtp')
    return `Host      ${location.hostname}\nPort      465 (TLS), 587 (STARTTLS)\nUser      api\nPassword  YOUR_KEY`;
  const mail = { from, to: [to], subject: 'Hello', text: 'Hello from my program' };
  if (way === 'curl')
    return `curl ${location.origin}/v1/messages \\\n  -H 'Authorization: Bearer YOUR_KEY' \\\n  -H 'Content-Type: application/json' \\\n  -H 'Idempotency-Key: order-1' \\\n  -d '${JSON.stringify(mail)}'`;
  return `const answer = await fetch('${location.origin}/v1/messages', {\n  method: 'POST',\n  headers: {\n    authorization: 'Bearer YOUR_KEY',\n    'content-type': 'application/json',\n    'idempotency-key': 'order-1',\n  },\n  body: JSON.stringify(${JSON.stringify(mail, undefined, 2).replaceAll('\n', '\n  ')}),\n});\nconsole.log(answer.status, await answer.json());`;
}
