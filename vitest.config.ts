import { defineConfig } from 'vitest/config';

// The JSON report is what `.ci/run` counts; the reporters are named so that no
// environment (a CI variable, say) changes what is printed or written.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/vitest.json' },
  },
});
