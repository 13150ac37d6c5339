import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // Relative, because the secret in the path is made at each start, and apps mount us anywhere.
  base: './',
  worker: { format: 'es' },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: '../dist/viewer',
    emptyOutDir: true,
    target: 'es2022',
    // Inlined data: URLs and the polyfill's inline script would need a weaker policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One script and one style sheet, which can be put into the page itself.
    cssCodeSplit: false,
    rollupOptions: { output: { inlineDynamicImports: true } },
  },
})
