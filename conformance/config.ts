/**
 * The project's config: which folders of specs, with which bindings. `bisim.config.ts`
 * default-exports what `defineConfig` returns; everything else is found by convention
 * (models.json and mutants.json beside the specs).
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { loadModule } from './sources/loadModule.ts';
import { UsageError } from './sources/usageError.ts';

const paths = z.union([z.string().min(1), z.array(z.string().min(1))]);

const roomSchema = z.strictObject({
  /** A folder of TLA+ modules with its models.json. */
  specs: z.string().min(1),
  /** The binding file or files that replay this folder's models; none: nothing is replayed. */
  binding: paths.optional(),
  /** Folders of the code under test, for reports. */
  code: z.array(z.string().min(1)).optional(),
});

export const configSchema = z.strictObject({
  rooms: z.array(roomSchema).min(1),
  /** Folders whose modules every room may extend. */
  libraries: z.array(z.string().min(1)).default(['specs/library']),
  /** Of one TLC run. */
  timeoutMs: z.number().int().positive().default(600_000),
  /** Heap of one TLC run. */
  memoryMb: z.number().int().min(64).default(2048),
  /** TLC runs and replays side by side. */
  parallel: z.number().int().min(1).max(64).default(2),
  /** Of tours and simulations. */
  seed: z.number().int().nonnegative().default(1),
});

export type ConfigInput = z.input<typeof configSchema>;
export type Config = z.output<typeof configSchema>;

/** Types for the config file; checks nothing by itself. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

export interface LoadedConfig {
  /** Absolute path of the config file. */
  readonly path: string;
  /** Its folder: all paths of the config are relative to it. */
  readonly root: string;
  readonly config: Config;
}

export const configNames = ['bisim.config.ts', 'bisim.config.js', 'bisim.config.mjs'];

/** The config named, or the nearest one from `from` upwards. */
export function findConfig(from: string, named?: string): string {
  if (named !== undefined) {
    const path = resolve(from, named);
    if (existsSync(path)) return path;
    throw new UsageError('no-config', `there is no config ${path}`, 'Correct --config.');
  }
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const found = configNames.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (folder === dirname(folder)) break;
  }
  throw new UsageError(
    'no-config',
    `there is no bisim.config.ts in ${resolve(from)} or above`,
    'Write one: export default defineConfig({ rooms: [{ specs, binding }] }), or name it by --config.',
  );
}

export async function loadConfig(path: string, cacheFolder?: string): Promise<LoadedConfig> {
  const module = await loadModule(path, cacheFolder === undefined ? {} : { cacheFolder });
  const given = module['default'] ?? module;
  const read = configSchema.safeParse(given);
  if (!read.success) {
    throw new UsageError(
      'bad-config',
      `${path} is not a config:\n${z.prettifyError(read.error)}`,
      'Correct the config; defineConfig gives its types.',
    );
  }
  return { path: resolve(path), root: dirname(resolve(path)), config: read.data };
}
