import { defineConfig } from 'vite'

/**
 * The command line in few files and as CommonJS: looking for modules, and Node's loader of ES
 * modules, would be most of its start.
 */
export default defineConfig({
  build: {
    ssr: 'src/cli/main.ts',
    // As deep as what it is made of: the files beside it are found from there.
    outDir: 'dist/bundle',
    emptyOutDir: true,
    target: 'node20',
    rollupOptions: {
      output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' },
    },
  },
})
