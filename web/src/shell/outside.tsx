/** What is shown where no page is: an address that leads nowhere, and a page that fell over. */
import { Button } from '@mantine/core';
import { Link, type ErrorComponentProps } from '@tanstack/react-router';
import { IconCompass } from '@tabler/icons-react';
import { Empty } from '../parts/Empty.tsx';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { useWords } from '../words.ts';

export function NotFound() {
  const { t } = useWords('shell');
  return (
    <Empty
      icon={IconCompass}
      title={t('notFound')}
      text={t('notFoundText')}
      action={
        <Button component={Link} to="/" variant="default">
          {t('goHome')}
        </Button>
      }
    />
  );
}

export function PageProblem({ error, reset }: ErrorComponentProps) {
  return <ProblemBox error={error} retry={reset} />;
}
