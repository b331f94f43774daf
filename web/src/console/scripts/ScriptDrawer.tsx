/** One script: its text, looked at before it is stored; when it runs; how often its rules were followed. */
import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type {
  ScriptAnswer,
  ScriptInfoAnswer,
  ScriptProblems,
} from '../../../../src/httpd/admin-api/contract-scripts.ts';
import { admin } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { Lines } from '../../parts/Lines.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { Drawer } from '../../parts/Page.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { Typed } from '../../parts/Typed.tsx';
import { When } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import css from './Scripts.module.css';

interface ScriptDrawerProps {
  /** Of the organisation or the domain. */
  readonly path: string;
  readonly script: ScriptInfoAnswer | undefined;
  readonly writes: boolean;
  readonly onClose: () => void;
  readonly onSaved: (name: string) => void;
}

export function ScriptDrawer(props: ScriptDrawerProps) {
  const { t } = useWords('console/scripts');
  const { path, script, onClose } = props;
  const { data, error, refetch } = useQuery({
    queryKey: ['list', 'script', path, script?.name],
    queryFn: () => admin.get<ScriptAnswer>(`${path}/scripts/${encodeURIComponent(script?.name ?? '')}`),
    enabled: script !== undefined,
  });
  if (script && !data)
    return (
      <Drawer title={script.name} onClose={onClose}>
        {error ? <ProblemBox error={error} retry={() => void refetch()} /> : <Lines />}
      </Drawer>
    );
  return <Editor key={data?.changedAtMs ?? t('add')} {...props} answer={data} />;
}

function Editor({
  path,
  answer,
  writes,
  onClose,
  onSaved,
}: ScriptDrawerProps & { readonly answer: ScriptAnswer | undefined }) {
  const { t, language } = useWords('console/scripts');
  const [name, setName] = useState(answer?.name ?? '');
  const [source, setSource] = useState(answer?.source ?? '');
  const check = useMutation({
    mutationFn: () => admin.post<ScriptProblems>('/script-check', { source, language }),
  });
  const one = `${path}/scripts/${encodeURIComponent(name)}`;
  const save = useDeed({
    run: async () => {
      const { problems } = await check.mutateAsync();
      if (problems.some(({ is }) => is === 'error')) throw new Error(t('hasErrors'));
      return admin.put(one, { source });
    },
    said: () => t('saved', { name }),
    done: () => onSaved(name),
  });
  const remove = useDeed({
    run: () => admin.delete(one),
    said: () => t('deleted', { name }),
    undo: () => () => admin.put(one, { source: answer?.source ?? '' }),
    done: onClose,
  });
  return (
    <Drawer
      title={answer?.name ?? t('add')}
      onClose={onClose}
      actions={
        writes && (
          <>
            <Button
              loading={save.isPending}
              disabled={name.trim() === ''}
              onClick={() => save.mutate(undefined)}
            >
              {t('save')}
            </Button>
            <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
              {t('check')}
            </Button>
            {answer && (
              <Typed
                label={t('delete')}
                what={t('deleteWhat')}
                text={answer.name}
                onConfirm={() => remove.mutate(undefined)}
              />
            )}
          </>
        )
      }
    >
      <div className="form-stack">
        {!answer && (
          <TextInput
            required
            label={t('name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        {answer && <Stage path={path} script={answer} writes={writes} />}
        <Textarea
          label={t('source')}
          description={t('sourceText')}
          readOnly={!writes}
          autosize
          minRows={10}
          maxRows={24}
          spellCheck={false}
          className={css['code']!}
          value={source}
          onChange={(event) => setSource(event.currentTarget.value)}
        />
        {check.data && <Problems problems={check.data.problems} />}
        {answer && answer.rules.length > 0 && <Rules rules={answer.rules} />}
      </div>
    </Drawer>
  );
}

/** Each stage has one script: choosing this one takes the place of another. */
function Stage({
  path,
  script,
  writes,
}: Pick<ScriptDrawerProps, 'path' | 'writes'> & { readonly script: ScriptAnswer }) {
  const { t } = useWords('console/scripts');
  const set = useDeed({
    run: async (stage: string) => {
      if (script.stage !== '') await admin.put(`${path}/script-stages/${script.stage}`, { script: '' });
      if (stage !== 'none') await admin.put(`${path}/script-stages/${stage}`, { script: script.name });
    },
    said: () => t('stageSet'),
  });
  return (
    <Select
      label={t('stage')}
      description={t('stageText')}
      readOnly={!writes}
      allowDeselect={false}
      data={['none', 'before', 'after'].map((value) => ({ value, label: t(`stages.${value}`) }))}
      value={script.stage === '' ? 'none' : script.stage}
      onChange={(value) => value !== null && set.mutate(value)}
    />
  );
}

function Problems({ problems }: ScriptProblems) {
  const { t } = useWords('console/scripts');
  return (
    <div role="status">
      {problems.length === 0 && <Mark mood="good">{t('fine')}</Mark>}
      <ul className={css['list']}>
        {problems.map(({ is, line, column, text }) => (
          <li key={`${line}:${column} ${text}`}>
            <Mark mood={is === 'error' ? 'bad' : 'waiting'}>{t('at', { line, column })}</Mark> {text}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Rules({ rules }: Pick<ScriptAnswer, 'rules'>) {
  const { t } = useWords('console/scripts');
  return (
    <section>
      <h3>{t('rules')}</h3>
      <ul className={css['list']}>
        {rules.map(({ line, name, count, lastAtMs }) => (
          <li key={line}>
            {name || t('line', { line })} · {t('times', { count })}
            {lastAtMs > 0 && (
              <>
                {' · '}
                <When atMs={lastAtMs} />
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
