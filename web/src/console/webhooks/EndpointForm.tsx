/** An endpoint as a form: where events are posted to, and which. */
import { Checkbox, NumberInput, TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { WebhookEndpoint } from '../../../../src/httpd/admin-api/contract-webhooks.ts';
import { FormModal, textOf } from '../../parts/FormModal.tsx';
import { useWords } from '../../words.ts';

/** What people ask for most; others can be typed. */
const kinds = [
  'accepted',
  'refused',
  'deferred',
  'delivered',
  'stored',
  'bounced',
  'bouncedLater',
  'complained',
  'suppressed',
  'managed',
] as const;

interface EndpointFormProps {
  readonly title: string;
  readonly submit: string;
  readonly endpoint?: WebhookEndpoint;
  readonly onClose: () => void;
  readonly onSubmit: (body: object) => Promise<unknown>;
}

export function EndpointForm({ title, submit, endpoint, onClose, onSubmit }: EndpointFormProps) {
  const { t } = useWords('console/webhooks');
  const [events, setEvents] = useState<string[]>([...(endpoint?.events ?? [])]);
  const [streams, setStreams] = useState<string[]>([...(endpoint?.streams ?? [])]);
  const [tags, setTags] = useState<string[]>([...(endpoint?.tags ?? [])]);
  const [all, setAll] = useState(endpoint?.events.includes('*') === true);
  const body = (form: FormData) => ({
    url: textOf(form, 'url'),
    description: textOf(form, 'description'),
    events: all ? ['*'] : events.filter((each) => each !== '*'),
    streams,
    tags,
    batch: Number(textOf(form, 'batch')) || 1,
  });
  return (
    <FormModal title={title} submit={submit} onClose={onClose} onSubmit={(form) => onSubmit(body(form))}>
      {(problemAt) => (
        <>
          <TextInput
            name="url"
            type="url"
            data-autofocus
            required
            label={t('url')}
            description={t('urlText')}
            placeholder="https://app.example.jp/hooks/mail"
            defaultValue={endpoint?.url}
            error={problemAt('url')}
          />
          <TextInput name="description" label={t('description')} defaultValue={endpoint?.description} />
          <Checkbox
            label={t('allEvents')}
            checked={all}
            onChange={(event) => setAll(event.currentTarget.checked)}
          />
          {!all && (
            <TagsInput
              label={t('events')}
              description={t('eventsText')}
              data={kinds.map((kind) => `message.${kind}`)}
              value={events.filter((each) => each !== '*')}
              onChange={setEvents}
              error={problemAt('events')}
            />
          )}
          <TagsInput
            label={t('streams')}
            description={t('streamsText')}
            data={['transactional', 'bulk']}
            value={streams}
            onChange={setStreams}
            error={problemAt('streams')}
          />
          <TagsInput label={t('tags')} description={t('tagsText')} value={tags} onChange={setTags} />
          <NumberInput
            name="batch"
            min={1}
            max={500}
            label={t('batch')}
            description={t('batchText')}
            defaultValue={endpoint?.batch ?? 1}
            error={problemAt('batch')}
          />
        </>
      )}
    </FormModal>
  );
}
