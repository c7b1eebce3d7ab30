/**
 * From what stands on a command line or in a binding to the files of a model: the root module, its
 * cfg, and the folders whose modules it may extend. What must hold: a path that is not what it
 * should be is refused here, before any JVM starts, with what to do next.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { configNames, loadConfig } from '../config.ts';
import { UsageError } from '../sources/usageError.ts';
import { refuseNoCfg, refuseNoModule } from './refuseNoise.ts';

export interface SpecFiles {
  /** Absolute path of the root .tla. */
  readonly module: string;
  /** Absolute path of the .cfg. */
  readonly cfg: string;
  /** The cfg's stem. */
  readonly name: string;
  readonly libraryPaths: readonly string[];
  /** The folder of the nearest bisim.config.ts or package.json upwards, else the current one. */
  readonly root: string;
}

export interface SpecGiven {
  /** Path of a .tla, or its stem. */
  readonly spec: string;
  /** Path of a .cfg, from `from` or from the spec's folder; the spec's own name if not given. */
  readonly cfg?: string;
  /** Further folders of modules, before those of the config. */
  readonly libraries?: readonly string[];
  /** What relative paths start from. */
  readonly from: string;
}

/** A regular file, or a UsageError that says what it is instead. */
export function requireFile(path: string, what: string, next: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return path;
  const is = found === undefined ? 'there is no' : 'a folder or device is no';
  throw new UsageError('no-file', `${is} ${what}: ${path}`, next);
}

/** The folder of the nearest config or package.json from `from` upwards; `from` where none is. */
export function projectRoot(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const marks = [...configNames, 'package.json'];
    if (marks.some((name) => existsSync(join(folder, name)))) return folder;
    if (folder === dirname(folder)) return resolve(from);
  }
}

export async function specFiles({ spec, cfg, libraries, from }: SpecGiven): Promise<SpecFiles> {
  const given = resolve(from, spec);
  const module = requireFile(
    extname(given) === '.tla' || existsSync(given) ? given : `${given}.tla`,
    'TLA+ module',
    'Give the path of the root .tla file.',
  );
  if (extname(module) !== '.tla') {
    throw new UsageError('no-module', `${module} is no .tla file`, 'Give the root .tla file.');
  }
  const root = projectRoot(dirname(module));
  const named = (libraries ?? []).map((path) => resolve(from, path));
  const libraryPaths = [...named, ...(await librariesOf(root))];
  refuseNoModule(module);
  const path = cfgPath(module, cfg, from);
  refuseNoCfg(path);
  return { module, cfg: path, name: basename(path, '.cfg'), libraryPaths, root };
}

async function librariesOf(root: string): Promise<string[]> {
  const config = configNames.map((name) => join(root, name)).find((path) => existsSync(path));
  if (config === undefined) return [];
  const { config: read } = await loadConfig(config);
  return read.libraries.map((path) => resolve(root, path)).filter((path) => existsSync(path));
}

function cfgPath(module: string, cfg: string | undefined, from: string): string {
  const folder = dirname(module);
  const next = 'Name the .cfg by --config, or put one of the module’s name beside it.';
  if (cfg === undefined) return requireFile(onlyCfg(module, folder), 'cfg', next);
  const stem = cfg.endsWith('.cfg') ? cfg : `${cfg}.cfg`;
  const near = [resolve(from, stem), resolve(folder, stem)].find((path) => existsSync(path));
  return requireFile(near ?? resolve(from, stem), 'cfg', next);
}

/** The cfg of the module's own name, or the only one whose name begins with it. */
function onlyCfg(module: string, folder: string): string {
  const stem = basename(module, '.tla');
  const own = join(folder, `${stem}.cfg`);
  if (existsSync(own)) return own;
  const like = readdirSync(folder).filter(
    (name) => name.endsWith('.cfg') && new RegExp(`^(MC)?${stem}(\\b|[-_])`).test(name),
  );
  const [first] = like;
  if (first !== undefined && like.length === 1) return join(folder, first);
  if (like.length < 2) return own;
  throw new UsageError(
    'which-cfg',
    `${stem} has ${like.length} cfgs: ${like.sort().join(', ')}`,
    'Name one by --config.',
  );
}
