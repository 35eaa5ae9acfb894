/** How the page is built: into the package, as files that a strict content security policy lets through. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.DESIREPATH_SERVER ?? 'http://127.0.0.1:8321';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../src/desirepath/server/page',
    emptyOutDir: true,
    target: 'es2023',
    // an inlined picture or font is a data: address, which the policy refuses
    assetsInlineLimit: 0,
    // the polyfill is an inline script
    modulePreload: { polyfill: false },
    // the sizes that count are tested with the budgets in tests/browser
    reportCompressedSize: false,
  },
  // `npm run dev` beside a running `desirepath serve`
  server: { proxy: { '/api': server } },
});
