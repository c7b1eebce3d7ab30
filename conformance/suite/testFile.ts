/** The test file that is being run: relative paths of a suite start there. */
import { expect } from 'vitest';
import { UsageError } from '../sources/usageError.ts';

export function testFile(): string {
  const { testPath } = expect.getState();
  if (testPath !== undefined) return testPath;
  throw new UsageError(
    'no-test-file',
    'vitest does not say which test file is being run',
    'Call it in a test file, or give `from`.',
  );
}
