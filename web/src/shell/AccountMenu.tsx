/** Who is signed in, and what is theirs: language, appearance, security, the way out. */
import { Menu, useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import {
  IconDeviceDesktop,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSettings,
  IconShieldLock,
  IconSun,
  IconUserCircle,
} from '@tabler/icons-react';
import { toastError } from '../parts/toasts.tsx';
import { signOut, type Person } from '../session/session.ts';
import { chooseLanguage, languageNames, languages, useWords } from '../words.ts';
import css from './Frame.module.css';
import menu from './AccountMenu.module.css';

const appearances = [
  ['light', IconSun],
  ['dark', IconMoon],
  ['auto', IconDeviceDesktop],
] as const;

export function AccountMenu({ person, onKeys }: { readonly person: Person; readonly onKeys: () => void }) {
  const { t, language } = useWords('shell');
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const navigate = useNavigate();
  return (
    <Menu position="right-end" width={260} shadow="md" withinPortal>
      <Menu.Target>
        <button type="button" className={css['item']} aria-label={`${t('account')}: ${person.address}`}>
          <IconUserCircle size={22} stroke={1.5} aria-hidden />
          <span>{t('account')}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={menu['who']}>
          <strong>{person.displayName || person.address}</strong>
          <span>{person.address}</span>
          <span>{person.orgName}</span>
        </div>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconSettings size={16} stroke={1.5} />}
          onClick={() => void navigate({ to: '/mail/settings' })}
        >
          {t('mailSettings')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconShieldLock size={16} stroke={1.5} />}
          onClick={() => void navigate({ to: '/me' })}
        >
          {t('security')}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} stroke={1.5} />} onClick={onKeys}>
          {t('keys')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('language')}</Menu.Label>
        {languages.map((each) => (
          <Menu.Item
            key={each}
            lang={each}
            role="menuitemradio"
            aria-checked={each === language}
            data-chosen={each === language || undefined}
            className={menu['choice']!}
            leftSection={<IconLanguage size={16} stroke={1.5} />}
            onClick={() => void chooseLanguage(each)}
          >
            {languageNames[each]}
          </Menu.Item>
        ))}
        <Menu.Label>{t('appearance')}</Menu.Label>
        {appearances.map(([name, Mark]) => (
          <Menu.Item
            key={name}
            role="menuitemradio"
            aria-checked={name === colorScheme}
            data-chosen={name === colorScheme || undefined}
            className={menu['choice']!}
            leftSection={<Mark size={16} stroke={1.5} />}
            onClick={() => setColorScheme(name)}
          >
            {t(name)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} stroke={1.5} />}
          onClick={() => void signOut().catch(toastError)}
        >
          {t('signOut')}
        </Menu.Item>
        <p className={menu['zone']}>
          {t('timeZone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}
        </p>
      </Menu.Dropdown>
    </Menu>
  );
}
