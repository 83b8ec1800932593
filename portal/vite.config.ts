import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { defineConfig, type Plugin } from 'vite';

/** Writes each file a second time, compressed, so that whoever serves the page need not compress it. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle({ dir }, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!/\.(js|css|html|svg)$/.test(name)) continue;
        const path = join(dir!, name);
        // No time of day in the header: the same source gives the same bytes.
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  // Relative addresses: the page works under any path of any host.
  base: './',
  build: { target: 'es2022', sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
  // The page only starts the light client's worker, which brings smoldot's bytes itself: a second copy of them would be 2 MB.
  resolve: { alias: [{ find: /^@polkadot-api\/smoldot$/, replacement: 'smoldot/no-auto-bytecode' }] },
  plugins: [compressed()],
});
