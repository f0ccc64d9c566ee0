import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The page of the window; `serve` and the desktop program both show what this builds. */
export default defineConfig({
  root: 'src-renderer',
  // Relative, so that the page works from a file, from a protocol of its own and below any path.
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome108',
    // Fonts stay files: a content policy without data: addresses must hold.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
});
