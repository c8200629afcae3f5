import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';

/** Relative URLs only: the page works under any reverse-proxy prefix. No inline script or style: the server's policy forbids them. */
export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [react()],
  build: {
    outDir: '../aim/server/ui',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
    /** plotly.js, which only a page with figures loads. */
    chunkSizeWarningLimit: 5000,
  },
  /** `AIM_URL=http://127.0.0.1:PORT npm run dev` shows the repository that `aim up` serves there. */
  server: { proxy: { '/api': loadEnv(mode, '.', 'AIM_').AIM_URL ?? 'http://127.0.0.1:43800' } },
}));
