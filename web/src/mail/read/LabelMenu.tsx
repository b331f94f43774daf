/** Labels of what is chosen: those that all have are checked. */
import { ActionIcon, Menu } from '@mantine/core';
import { IconTag } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useWords } from '../../words.ts';
import { useLabels } from '../data/labels.ts';
import type { EmailRow } from '../jmap/types.ts';
import { LabelChip } from '../list/LabelChip.tsx';

interface LabelMenuProps {
  readonly messages: readonly Pick<EmailRow, 'keywords'>[];
  readonly onLabel: (keyword: string, on: boolean) => void;
}

export function LabelMenu({ messages, onLabel }: LabelMenuProps) {
  const { t } = useWords('mail');
  const labels = useLabels();
  const navigate = useNavigate();
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <ActionIcon variant="subtle" size="lg" aria-label={t('label')} title={t('label')} data-label>
          <IconTag size={18} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {labels.map((label) => (
          <Menu.CheckboxItem
            key={label.keyword}
            checked={messages.every(({ keywords }) => keywords[label.keyword.toLowerCase()] !== undefined)}
            onChange={(on) => onLabel(label.keyword.toLowerCase(), on)}
          >
            <LabelChip label={label} />
          </Menu.CheckboxItem>
        ))}
        {labels.length > 0 && <Menu.Divider />}
        <Menu.Item onClick={() => void navigate({ to: '/mail/settings', search: { tab: 'labels' } })}>
          {t('editLabels')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
