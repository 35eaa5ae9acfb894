/** How the page is built: into the package, as files that a strict content security policy lets through. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const server = process.env.DESIREPATH_SERVER ?? 'http://127.0.0.1:8321';

/** Beside each text file what a browser may take instead, so that the server need not compress. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle({ dir }) {
      for (const found of readdirSync(dir as string, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|svg|html)$/.test(found)) continue;
        const path = join(dir as string, found);
        const text = readFileSync(path);
        if (text.length < 1000) continue; // no packet is saved
        writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(text));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), compressed()],
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
  // with the name by which the browser called: the server answers to its own page alone
  server: { proxy: { '/api': { target: server } } },
});
