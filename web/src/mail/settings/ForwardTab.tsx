/** Where all mail goes on to. */
import { Button, Switch, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { admin } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import { Lines } from '../../parts/Lines.tsx';
import { Section } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { toast, toastError } from '../../parts/toasts.tsx';
import { useWords } from '../../words.ts';
import { isAddress } from './rules/rule.ts';
import css from './settings.module.css';

interface Forward {
  readonly targets: readonly string[];
  readonly keepCopy: boolean;
}

export default function ForwardTab() {
  const { t } = useWords('mail/settings');
  const { data, error, refetch } = useQuery({
    queryKey: ['forward'],
    queryFn: ({ signal }) => admin.get<Forward>('/me/forward', undefined, signal),
  });
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  return (
    <Section title={t('forward.title')} text={t('forward.text')}>
      {data ? <ForwardForm key={JSON.stringify(data)} forward={data} /> : <Lines count={3} />}
    </Section>
  );
}

function ForwardForm({ forward }: { readonly forward: Forward }) {
  const { t } = useWords('mail/settings');
  const [text, setText] = useState(forward.targets.join('\n'));
  const [keep, setKeep] = useState(forward.targets.length === 0 || forward.keepCopy);
  const targets = text.split(/[\s,;、]+/).filter((each) => each !== '');
  const wrong = targets.find((each) => !isAddress(each));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (wrong !== undefined) return;
    admin.put('/me/forward', { targets, keepCopy: targets.length > 0 && keep }).then(() => {
      toast({ text: t(targets.length > 0 ? 'forward.isOn' : 'forward.isOff'), mood: 'good' });
      void queries.invalidateQueries({ queryKey: ['forward'] });
    }, toastError);
  };
  return (
    <form className={css['stack']} onSubmit={submit}>
      <Textarea
        label={t('forward.targets')}
        description={t('forward.targetsHint')}
        autosize
        minRows={2}
        maxRows={10}
        value={text}
        error={wrong === undefined ? undefined : t('forward.wrong', { address: wrong })}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Switch
        label={t('forward.keep')}
        description={t('forward.keepHint')}
        checked={keep}
        onChange={(event) => setKeep(event.currentTarget.checked)}
      />
      <div className={css['foot']}>
        <Button type="submit">{t('save')}</Button>
      </div>
    </form>
  );
}
