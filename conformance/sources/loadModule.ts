/**
 * Loads TypeScript or JavaScript of the user: configs, bindings, and staged copies of them.
 * What must hold: within a process a path is evaluated once, so that all its importers share
 * it; a patched copy therefore stands under a path of its own.
 */
import { createJiti } from 'jiti';
import { UsageError } from './usageError.ts';

export interface LoadOptions {
  /** Where transpiled sources are kept; none when absent. */
  readonly cacheFolder?: string;
}

/** All exports of a module. Syntax errors and failing top-level code end in a UsageError. */
export async function loadModule(
  path: string,
  options: LoadOptions = {},
): Promise<Record<string, unknown>> {
  const jiti = createJiti(path, {
    fsCache: options.cacheFolder ?? false,
    tryNative: false,
    interopDefault: false,
  });
  try {
    return await jiti.import<Record<string, unknown>>(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      'load-failed',
      `${path} cannot be loaded: ${reason}`,
      'Correct the file; --debug shows where it failed.',
      cause,
    );
  }
}
