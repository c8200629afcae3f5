import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv, type HtmlTagDescriptor, type Plugin } from 'vite';

/** What three pages and more import is one file, so that a page needs few requests. */
const SHARED = 'shared';

const preload = (name: string, attrs: Record<string, string>): HtmlTagDescriptor => ({
  tag: 'link',
  injectTo: 'head',
  attrs: { ...attrs, crossorigin: true, href: `./${name}` },
});

/** Its download begins with the page, not after the frame has run. */
const preloadShared: Plugin = {
  name: 'preload-shared',
  transformIndexHtml: {
    order: 'post',
    handler: (_, { bundle = {} }) =>
      Object.values(bundle).flatMap((file): HtmlTagDescriptor[] => {
        if (file.type !== 'chunk' || file.name !== SHARED) return [];
        const styles = [...(file.viteMetadata?.importedCss ?? [])];
        return [
          preload(file.fileName, { rel: 'modulepreload' }),
          ...styles.map((name) => preload(name, { rel: 'preload', as: 'style' })),
        ];
      }),
  },
};

/** Relative URLs only: the page works under any reverse-proxy prefix. No inline script or style: the server's policy forbids them. */
export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [react(), preloadShared],
  build: {
    outDir: '../aim/server/ui',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // Without a group of its own, the frame would import what pages share, and the order of styles would change.
            { name: 'frame', tags: ['$initial'], priority: 1 },
            { name: SHARED, minShareCount: 3 },
          ],
        },
      },
    },
    license: { fileName: 'licenses.md' },
    /** plotly.js, which only a page with figures loads. */
    chunkSizeWarningLimit: 5000,
  },
  /** `AIM_URL=http://127.0.0.1:PORT npm run dev` shows the repository that `aim up` serves there. */
  server: { proxy: { '/api': loadEnv(mode, '.', 'AIM_').AIM_URL ?? 'http://127.0.0.1:43800' } },
}));
