/** One template: its texts, what they become with some data, and a new version of it. */
import { Button, Checkbox, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { TemplateItem } from '../../../../src/httpd/admin-api/contract-programs.ts';
import { admin, ApiError } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { Drawer } from '../../parts/Page.tsx';
import { Typed } from '../../parts/Typed.tsx';
import { useMay } from '../../session/session.ts';
import { useWords } from '../../words.ts';
import css from './Templates.module.css';

interface TemplateDrawerProps {
  readonly org: string;
  readonly template: TemplateItem | undefined;
  readonly onClose: () => void;
  readonly onSaved: (name: string) => void;
}

interface Rendering {
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
}

export function TemplateDrawer({ org, template, onClose, onSaved }: TemplateDrawerProps) {
  const { t } = useWords('console/templates');
  const may = useMay();
  const [name, setName] = useState(template?.name ?? '');
  const [subject, setSubject] = useState(template?.subject ?? '');
  const [text, setText] = useState(template?.text ?? '');
  const [html, setHtml] = useState(template?.html ?? '');
  const [strict, setStrict] = useState(template?.strict ?? true);
  const path = `/orgs/${org}/templates`;
  const texts = {
    ...(subject !== '' && { subject }),
    ...(text !== '' && { text }),
    ...(html !== '' && { html }),
  };
  const save = useDeed({
    run: () => admin.put<TemplateItem>(`${path}/${encodeURIComponent(name)}`, { ...texts, strict }),
    said: ({ version }) => t('saved', { name, version }),
    done: () => onSaved(name),
  });
  const remove = useDeed({
    run: () => admin.delete(`${path}/${encodeURIComponent(name)}`),
    said: () => t('deleted', { name }),
    done: onClose,
  });
  const problem = save.error instanceof ApiError ? save.error : undefined;
  const writes = may('messages:manage');
  return (
    <Drawer
      title={template?.name ?? t('add')}
      onClose={onClose}
      actions={
        writes && (
          <>
            <Button
              loading={save.isPending}
              disabled={name === '' || (text === '' && html === '')}
              onClick={() => save.mutate(undefined)}
            >
              {t('save')}
            </Button>
            {template && (
              <Typed
                label={t('delete')}
                what={t('deleteWhat')}
                text={template.name}
                onConfirm={() => remove.mutate(undefined)}
              />
            )}
          </>
        )
      }
    >
      <div className="form-stack">
        {!template && (
          <TextInput
            required
            label={t('name')}
            description={t('nameText')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={problem?.at('name')}
          />
        )}
        <TextInput
          label={t('subject')}
          readOnly={!writes}
          value={subject}
          onChange={(event) => setSubject(event.currentTarget.value)}
          error={problem?.at('subject')}
        />
        <Textarea
          label={t('text')}
          description={t('textText', { liquid: '{{ name }}' })}
          readOnly={!writes}
          autosize
          minRows={5}
          maxRows={14}
          className={css['code']!}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={problem?.at('text')}
        />
        <Textarea
          label="HTML"
          description={t('htmlText')}
          readOnly={!writes}
          autosize
          minRows={3}
          maxRows={14}
          className={css['code']!}
          value={html}
          onChange={(event) => setHtml(event.currentTarget.value)}
          error={problem?.at('html')}
        />
        <Checkbox
          label={t('strict')}
          disabled={!writes}
          checked={strict}
          onChange={(event) => setStrict(event.currentTarget.checked)}
        />
        <Trial org={org} texts={texts} strict={strict} />
      </div>
    </Drawer>
  );
}

interface TrialProps {
  readonly org: string;
  readonly texts: Rendering;
  readonly strict: boolean;
}

/** What the texts become with some data; HTML is shown in a frame that may do nothing. */
function Trial({ org, texts, strict }: TrialProps) {
  const { t } = useWords('console/templates');
  const [data, setData] = useState('{\n  "name": "髙橋 一郎"\n}');
  const trial = useMutation({
    mutationFn: () =>
      admin.post<Rendering>(`/orgs/${org}/template-trial`, {
        ...texts,
        strict,
        data: JSON.parse(data) as Record<string, unknown>,
      }),
  });
  const { data: shown, error } = trial;
  return (
    <section className={css['trial']}>
      <Textarea
        label={t('data')}
        description={t('dataText')}
        autosize
        minRows={3}
        maxRows={10}
        className={css['code']!}
        value={data}
        onChange={(event) => setData(event.currentTarget.value)}
      />
      <Button
        variant="default"
        loading={trial.isPending}
        disabled={texts.text === undefined && texts.html === undefined}
        onClick={() => trial.mutate()}
      >
        {t('try')}
      </Button>
      {error && (
        <p role="alert" className="form-problem">
          {error instanceof SyntaxError ? t('notJson') : error.message}
        </p>
      )}
      {shown && (
        <div role="status" className={css['shown']}>
          {shown.subject !== undefined && <strong>{shown.subject}</strong>}
          {shown.text !== undefined && <pre tabIndex={0}>{shown.text}</pre>}
          {shown.html !== undefined && <iframe title="HTML" sandbox="" srcDoc={shown.html} />}
        </div>
      )}
    </section>
  );
}
