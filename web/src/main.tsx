/** The start of the page: words, theme, the way to the server, then the shell. */
import '@mantine/core/styles.layer.css';
import './shell/tokens.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queries } from './api/queries.ts';
import { ToastHost } from './parts/toasts.tsx';
import { allowEmptyHtml } from './shell/trusted.ts';
import { router } from './shell/router.tsx';
import { adoptTheme, theme } from './shell/theme.ts';
import { startWords } from './words.ts';

allowEmptyHtml();
adoptTheme();
await startWords();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <ToastHost />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
