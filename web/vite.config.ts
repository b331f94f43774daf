import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** For `npm run dev` in web/: where a server runs (the demo of `npm start`). */
const server = 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    outDir: 'dist',
    assetsDir: 'assets',
    sourcemap: false,
    // No data: URLs of our own: what the page shows comes by its name.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/api': server, '/jmap': server, '/.well-known': server } },
});
