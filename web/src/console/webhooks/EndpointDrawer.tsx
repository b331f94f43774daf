/** One endpoint: how it is, the requests it got, events that were given up; tried, paused, told again, its secret changed. */
import { Button, Menu, Tabs, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import type { WebhookEndpoint } from '../../../../src/httpd/admin-api/contract-webhooks.ts';
import { admin } from '../../api/client.ts';
import { useDeed } from '../../api/lists.ts';
import { Facts } from '../../parts/Facts.tsx';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { Mark } from '../../parts/Mark.tsx';
import { Drawer } from '../../parts/Page.tsx';
import { toast, toastError } from '../../parts/toasts.tsx';
import { Typed } from '../../parts/Typed.tsx';
import { lengthOfTime, When } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useFilters } from '../../shell/filters.ts';
import { useWords } from '../../words.ts';
import { EndpointForm } from './EndpointForm.tsx';
import { healthOf } from './health.ts';
import { Attempts, DeadLetters } from './history.tsx';

interface EndpointDrawerProps {
  readonly path: string;
  readonly endpoint: WebhookEndpoint;
  readonly onClose: () => void;
  readonly onSecret: (secret: string) => void;
}

export function EndpointDrawer(props: EndpointDrawerProps) {
  const { t } = useWords('console/webhooks');
  const may = useMay();
  const [filters, setFilters] = useFilters();
  const { path, endpoint, onClose } = props;
  const { mood, word } = healthOf(endpoint);
  const one = `${path}/${endpoint.id}`;
  return (
    <Drawer title={endpoint.url} onClose={onClose} actions={may('webhooks:write') && <Controls {...props} />}>
      <p>
        <Mark mood={mood}>{t(`states.${word}`)}</Mark> {t(`statesText.${word}`)}
      </p>
      <Facts
        items={[
          [t('description'), endpoint.description],
          [t('events'), endpoint.events.length === 0 ? t('usual') : endpoint.events.join(', ')],
          [t('streams'), endpoint.streams.join(', ')],
          [t('tags'), endpoint.tags.join(', ')],
          [t('batch'), endpoint.batch],
          [
            t('failingSince'),
            endpoint.failingSinceMs === 0 ? '' : <When key="since" atMs={endpoint.failingSinceMs} />,
          ],
          [t('nextTry'), endpoint.tries === 0 ? '' : <When key="next" atMs={endpoint.nextTryAtMs} />],
          [t('by'), endpoint.madeBy],
          ['Id', <code key="id">{endpoint.id}</code>],
        ]}
      />
      <Tabs
        mt={16}
        value={filters['tab'] ?? 'requests'}
        onChange={(tab) => setFilters({ tab: tab === 'requests' ? '' : (tab ?? '') })}
        keepMounted={false}
      >
        <Tabs.List mb={8}>
          <Tabs.Tab value="requests">{t('requests')}</Tabs.Tab>
          <Tabs.Tab value="dead">{t('dead')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="requests">
          <Attempts path={one} />
        </Tabs.Panel>
        <Tabs.Panel value="dead">
          <DeadLetters path={one} />
        </Tabs.Panel>
      </Tabs>
    </Drawer>
  );
}

function Controls({ path, endpoint, onClose, onSecret }: EndpointDrawerProps) {
  const { t, language } = useWords('console/webhooks');
  const [form, setForm] = useState<'edit' | 'replay' | undefined>();
  const one = `${path}/${endpoint.id}`;
  const test = useDeed({
    run: () => admin.post<{ status: number; ms: number; answer: string }>(`${one}/test`),
    done: ({ status, ms, answer }) =>
      status >= 200 && status < 300
        ? toast({ text: t('tested', { status, time: lengthOfTime(ms, language) }), mood: 'good' })
        : toastError(new Error(t('testFailed', { answer: status === 0 ? answer : `${status} ${answer}` }))),
  });
  const paused = endpoint.state === 'paused';
  const turn = useDeed({
    run: () => admin.post(`${one}/${paused ? 'resume' : 'pause'}`),
    said: () => t(paused ? 'resumed' : 'paused'),
    undo: () => () => admin.post(`${one}/${paused ? 'pause' : 'resume'}`),
  });
  const rotate = useDeed({
    run: () => admin.post<{ secret: string }>(`${one}/rotate`, {}),
    said: () => t('rotated'),
    done: ({ secret }) => onSecret(secret),
  });
  const remove = useDeed({
    run: () => admin.delete(one),
    said: () => t('deleted', { url: endpoint.url }),
    done: onClose,
  });
  const edit = useDeed({ run: (body: object) => admin.patch(one, body), said: () => t('saved') });
  return (
    <>
      <Button loading={test.isPending} onClick={() => test.mutate(undefined)}>
        {t('test')}
      </Button>
      <Button variant="default" onClick={() => turn.mutate(undefined)}>
        {t(paused ? 'resume' : 'pause')}
      </Button>
      <Menu withinPortal position="top-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDots size={16} stroke={1.5} />}>
            {t('more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setForm('edit')}>{t('edit')}</Menu.Item>
          <Menu.Item onClick={() => setForm('replay')}>{t('replay')}</Menu.Item>
          <Menu.Item onClick={() => rotate.mutate(undefined)}>{t('rotate')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Typed
        label={t('delete')}
        what={t('deleteWhat')}
        text={endpoint.description || endpoint.id}
        onConfirm={() => remove.mutate(undefined)}
      />
      {form === 'edit' && (
        <EndpointForm
          title={t('edit')}
          submit={t('save')}
          endpoint={endpoint}
          onClose={() => setForm(undefined)}
          onSubmit={(body) => edit.mutateAsync(body)}
        />
      )}
      {form === 'replay' && <ReplayForm path={one} onClose={() => setForm(undefined)} />}
    </>
  );
}

/** Tells again all that happened from a time on. */
function ReplayForm({ path, onClose }: { readonly path: string; readonly onClose: () => void }) {
  const { t } = useWords('console/webhooks');
  const replay = useDeed({
    run: (fromMs: number) => admin.post(`${path}/replay`, { fromMs }),
    said: () => t('replaying'),
  });
  const hourAgo = new Date(Date.now() - 3_600_000 - new Date().getTimezoneOffset() * 60_000);
  return (
    <FormModal
      title={t('replay')}
      submit={t('replaySubmit')}
      onClose={onClose}
      onSubmit={(form) => replay.mutateAsync(new Date(textOf(form, 'from')).getTime())}
    >
      {(problemAt) => (
        <>
          <p>{t('replayText')}</p>
          <TextInput
            name="from"
            type="datetime-local"
            data-autofocus
            required
            label={t('replayFrom')}
            defaultValue={hourAgo.toISOString().slice(0, 16)}
            error={problemAt('fromMs')}
          />
        </>
      )}
    </FormModal>
  );
}
