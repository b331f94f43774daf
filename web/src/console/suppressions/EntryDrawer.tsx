/** One suppressed address: what happened, in the words of the server that said it, and the way off the list. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { SuppressionItem } from '../../../../src/httpd/admin-api/contract-suppression.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Mark, type Mood } from '../../parts/Mark.tsx';
import { Drawer } from '../../parts/Page.tsx';
import { When } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';

export const causes = ['hard', 'complaint', 'unsubscribe', 'manual', 'import'] as const;
export const causeMood: Readonly<Record<SuppressionItem['cause'], Mood>> = {
  hard: 'bad',
  complaint: 'bad',
  unsubscribe: 'neutral',
  manual: 'neutral',
  import: 'neutral',
};

interface EntryDrawerProps {
  readonly entry: SuppressionItem;
  readonly onClose: () => void;
  readonly onRelease: (() => void) | undefined;
}

export function EntryDrawer({ entry, onClose, onRelease }: EntryDrawerProps) {
  const { t } = useWords('console/suppressions');
  const { address, cause, scope, reason, phase, reply, message, by, atMs, untilMs } = entry;
  return (
    <Drawer
      title={address}
      onClose={onClose}
      actions={onRelease && <Button onClick={onRelease}>{t('release')}</Button>}
    >
      <p>
        <Mark mood={causeMood[cause]}>{t(`causes.${cause}`)}</Mark>
      </p>
      <p>{t(`causesText.${cause}`)}</p>
      <Facts
        items={[
          [t('why'), reason],
          [t('phase'), phase],
          [t('reply'), reply && <code key="reply">{reply}</code>],
          [t('scope'), scope.startsWith('topic:') ? scope.slice(6) : t(`scopes.${scope.replace(':', '_')}`)],
          [t('by'), by || t('theServer')],
          [t('since'), <When key="since" atMs={atMs} />],
          [t('until'), untilMs === 0 ? t('forGood') : <When key="until" atMs={untilMs} />],
          [
            t('journey'),
            message && (
              <Link key="journey" to={`/console/journey/${message}`}>
                {message}
              </Link>
            ),
          ],
          [
            t('mails'),
            <Link key="mails" to="/console/log" search={{ q: `to:${address}` } as never}>
              {t('showMails')}
            </Link>,
          ],
        ]}
      />
    </Drawer>
  );
}
