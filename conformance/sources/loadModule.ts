/**
 * Loads TypeScript or JavaScript of the user: configs, bindings, and staged copies of them.
 * What must hold: each load evaluates every module once, however many import it, and shares
 * nothing with any other load, so that a patched copy under an old path is never the old code.
 */
import { statSync } from 'node:fs';
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
  refuseOther(path);
  const jiti = createJiti(path, {
    moduleCache: false,
    fsCache: options.cacheFolder ?? false,
    tryNative: false,
    interopDefault: false,
    // A binding's `import 'bisim'` is the toolkit that runs: not transpiled again, not a second copy.
    nativeModules: ['bisim'],
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

/** No source that anyone wrote is larger. */
const sourceBytesMax = 16 << 20;

// What the loader says of a folder is about its own way of looking; a huge file it reads whole.
function refuseOther(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) {
    throw new UsageError('load-failed', `${path} is a folder`, 'Name the file itself.');
  }
  if ((there?.size ?? 0) <= sourceBytesMax) return;
  const next = 'Name a TypeScript or JavaScript file.';
  throw new UsageError('load-failed', `${path} is larger than any source file`, next);
}
