/** When mail is to come back: later today, tomorrow, next week, or a time of one's own. */
import { ActionIcon, Button, Menu, Modal, TextInput } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useState } from 'react';
import { useWords } from '../../words.ts';
import { snoozeTimes } from './snooze-times.ts';

export function SnoozeMenu({ onSnooze }: { readonly onSnooze: (untilMs: number) => void }) {
  const { t, language } = useWords('mail');
  const { t: parts } = useWords('parts');
  const [picking, setPicking] = useState(false);
  const [at, setAt] = useState('');
  const chosen = Date.parse(at);
  const format = new Intl.DateTimeFormat(language, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
  return (
    <>
      <Menu position="bottom-start">
        <Menu.Target>
          <ActionIcon variant="subtle" size="lg" aria-label={t('snooze')} title={t('snooze')} data-snooze>
            <IconClock size={18} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('snoozeUntil')}</Menu.Label>
          {snoozeTimes(new Date()).map(({ name, at: time }) => (
            <Menu.Item
              key={name}
              rightSection={<small>{format.format(time)}</small>}
              onClick={() => onSnooze(time.getTime())}
            >
              {t(`snoozeTimes.${name}`)}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => setPicking(true)}>{t('snoozeTimes.pick')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {picking && (
        <Modal
          opened
          onClose={() => setPicking(false)}
          title={t('snoozeUntil')}
          size={360}
          closeButtonProps={{ 'aria-label': parts('close') }}
        >
          <form
            className="form-stack"
            onSubmit={(event) => {
              event.preventDefault();
              setPicking(false);
              onSnooze(chosen);
            }}
          >
            <TextInput
              data-autofocus
              required
              type="datetime-local"
              label={t('snoozeTimes.at')}
              value={at}
              onChange={(event) => setAt(event.currentTarget.value)}
            />
            <div className="form-foot">
              <Button type="submit" disabled={!(chosen > Date.now())}>
                {t('snooze')}
              </Button>
            </div>
          </form>
        </Modal>
      )}
    </>
  );
}
