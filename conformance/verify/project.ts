/**
 * Everything the config names, read and tied together: models with the modules they are made
 * of and the binding that replays them, mutants with the model that kills them.
 */
import { existsSync } from 'node:fs';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import type { LoadedConfig } from '../config.ts';
import type { CodeClosure } from '../sources/codeClosure.ts';
import { codeClosure } from '../sources/codeClosure.ts';
import { hashFiles, hashParts } from '../sources/contentHash.ts';
import type { SpecClosure } from '../sources/specClosure.ts';
import { includesModule, moduleFile, specClosure } from '../sources/specClosure.ts';
import { UsageError } from '../sources/usageError.ts';
import { loadBinding } from '../replay/bindingModule.ts';
import type { ModelRow, MutantRow } from './tables.ts';
import { readModels, readMutants } from './tables.ts';

export interface BindingFile {
  readonly path: string;
  /** The spec it binds, absolute. */
  readonly spec: string;
  readonly closure: CodeClosure;
  /** Of every file of the closure. */
  readonly hash: string;
}

export interface Model {
  /** The stem of its cfg, unique in the project. */
  readonly name: string;
  readonly row: ModelRow;
  /** Folder of the room, relative to the root. */
  readonly room: string;
  readonly module: string;
  readonly cfg: string;
  readonly closure: SpecClosure;
  /** Of its modules and its cfg: what a graph recorded from it must carry. */
  readonly hash: string;
  readonly binding?: BindingFile;
}

export interface Mutant {
  readonly row: MutantRow;
  readonly kind: 'spec' | 'code';
  /** The model that must kill it. */
  readonly model: Model;
  /** The model that must pass without it. */
  readonly control: Model;
}

export interface Project {
  readonly root: string;
  readonly libraries: readonly string[];
  readonly limits: { readonly timeoutMs: number; readonly memoryMb: number };
  readonly seed: number;
  readonly parallel: number;
  readonly models: readonly Model[];
  readonly mutants: readonly Mutant[];
}

/** Reads the whole project, whatever its tiers; a table that names what is not there is refused. */
export async function loadProject(loaded: LoadedConfig, cacheFolder?: string): Promise<Project> {
  const { root, config } = loaded;
  const folders = config.libraries.map((path) => resolve(root, path));
  const libraries = folders.filter((path) => existsSync(path));
  const models: Model[] = [];
  const tables: { path: string; room: string }[] = [];
  for (const room of config.rooms) {
    const folder = resolve(root, room.specs);
    const bindings: BindingFile[] = [];
    for (const path of [room.binding ?? []].flat()) {
      bindings.push(await readBinding(root, path, cacheFolder));
    }
    const path = join(folder, 'models.json');
    const table = readModels(path);
    if (table.mutants !== undefined) tables.push({ path: join(folder, table.mutants), room: path });
    for (const row of table.models) {
      models.push(readModel({ root, folder, libraries, bindings }, row));
    }
  }
  refuseTwins(models);
  const mutants = tables.flatMap(({ path }) =>
    readMutants(path).map((row) => tieMutant(root, path, row, models)),
  );
  const { timeoutMs, memoryMb, seed, parallel } = config;
  return { root, libraries, limits: { timeoutMs, memoryMb }, seed, parallel, models, mutants };
}

async function readBinding(root: string, given: string, cache?: string): Promise<BindingFile> {
  const path = resolve(root, given);
  if (!existsSync(path)) {
    throw new UsageError('no-binding', `there is no binding ${path}`, 'Correct the config.');
  }
  const { spec } = await loadBinding(path, cache);
  const closure = codeClosure(path);
  const absolute = isAbsolute(spec) ? spec : resolve(root, spec);
  if (!existsSync(absolute)) {
    throw new UsageError('no-spec', `${given} binds ${spec}, which is not there`, 'Correct spec.');
  }
  return { path, spec: absolute, closure, hash: hashFiles(root, closure.files) };
}

interface RoomContext {
  readonly root: string;
  readonly folder: string;
  readonly libraries: readonly string[];
  readonly bindings: readonly BindingFile[];
}

function readModel({ root, folder, libraries, bindings }: RoomContext, row: ModelRow): Model {
  const name = basename(row.cfg, '.cfg');
  const cfg = join(folder, row.cfg);
  if (!existsSync(cfg)) {
    throw new UsageError('no-cfg', `${name}: there is no ${cfg}`, 'Correct models.json.');
  }
  const module = rootModule(folder, row);
  const closure = specClosure(module, libraries);
  const hash = hashParts([hashFiles(root, closure.files), hashFiles(root, [cfg])]);
  const room = relative(root, folder);
  const model = { name, row, room, module, cfg, closure, hash };
  if (!row.replay && !row.tours && row.mode !== 'simulate') return model;
  const fitting = bindings.filter(({ spec }) => includesModule(closure, spec));
  const [binding] = fitting;
  if (binding === undefined || fitting.length > 1) {
    throw new UsageError(
      'no-binding',
      `${name} is to be replayed, and ${fitting.length} bindings of its room fit it, not one`,
      'Name the binding of its spec in the config, or set replay to false in models.json.',
    );
  }
  return { ...model, binding };
}

/** Named by the row, or as the model, or as what stands before the first dash of its name. */
function rootModule(folder: string, { module, model }: ModelRow): string {
  const own = moduleFile(folder, module ?? model);
  const shared = moduleFile(folder, model.split('-')[0] ?? model);
  return module === undefined && !existsSync(own) && existsSync(shared) ? shared : own;
}

function refuseTwins(models: readonly Model[]): void {
  const seen = new Set<string>();
  for (const { name } of models) {
    if (seen.has(name)) {
      throw new UsageError('twin-model', `two models are called ${name}`, 'Rename one cfg.');
    }
    seen.add(name);
  }
}

function tieMutant(root: string, table: string, row: MutantRow, models: readonly Model[]): Mutant {
  const find = (name: string): Model => {
    const found = models.filter((model) => model.name === name || model.row.model === name);
    const [model] = found;
    if (model !== undefined && found.length === 1) return model;
    throw new UsageError(
      'no-model',
      `${relative(root, table)}: ${row.id} names ${name}, and ${found.length} models are called so`,
      'Name a cfg of models.json without its ending.',
    );
  };
  const kind = row.file.endsWith('.tla') ? 'spec' : 'code';
  return { row, kind, model: find(row.killedBy), control: find(row.control) };
}
