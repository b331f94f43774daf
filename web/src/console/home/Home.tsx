import { useWords } from '../../words.ts';
import { Page } from '../../parts/Page.tsx';

export function Home() {
  const { t } = useWords('console/home');
  return <Page title={t('title')}>{null}</Page>;
}
