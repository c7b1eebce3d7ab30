/**
 * From the path of a binding to all that runs it: the binding itself, its model's files, and the
 * sources it is made of, by whose hash its results are kept.
 */
import { isBuiltin } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import {
  isRunning,
  loadAnyBinding,
  type AnyBinding,
  type AnyRunningBinding,
} from '../replay/bindingModule.ts';
import { codeClosure, type CodeClosure } from '../sources/codeClosure.ts';
import { hashFiles } from '../sources/contentHash.ts';
import { UsageError } from '../sources/usageError.ts';
import { cacheFolder } from '../tlc/cacheFolder.ts';
import { projectRoot, requireFile, specFiles, type SpecFiles } from './specFiles.ts';

export interface BoundModel {
  readonly binding: AnyBinding | AnyRunningBinding;
  /** Absolute path of the binding's file. */
  readonly path: string;
  readonly files: SpecFiles;
  readonly closure: CodeClosure;
  /** Of every file of the closure. */
  readonly hash: string;
}

export interface BindingGiven {
  readonly path: string;
  /** A cfg other than the binding's own `model`. */
  readonly cfg?: string;
  readonly from: string;
}

export async function bindingFiles({ path: given, cfg, from }: BindingGiven): Promise<BoundModel> {
  const path = requireFile(
    resolve(from, given),
    'binding',
    'Give the file that exports what defineBinding returns.',
  );
  // Transpiling is most of what loading costs; what is kept is known by the source's own hash.
  const binding = await loadAnyBinding(path, cacheFolder('transpiled'));
  return boundModel(binding, { path, ...(cfg !== undefined && { cfg }), from });
}

/** Of a binding that is loaded already; `path` is the file it came from. */
export async function boundModel(
  binding: AnyBinding | AnyRunningBinding,
  given: BindingGiven,
): Promise<BoundModel> {
  const { path, from } = given;
  const root = projectRoot(dirname(path));
  const cfg = modelOf(binding, given, root);
  const spec = resolve(root, binding.spec);
  const files = await specFiles({ spec: rootModule(spec, cfg), ...(cfg && { cfg }), from });
  const closure = isRunning(binding) ? running(codeClosure(path)) : codeClosure(path);
  return { binding, path, files, closure, hash: hashFiles(root, closure.files) };
}

/** Through a package, code that runs may reach a server that no import names. */
function running(closure: CodeClosure): CodeClosure {
  const other = closure.packages.find((name) => !/^bisim(\/|$)/.test(name) && !isBuiltin(name));
  if (closure.opaque !== undefined || other === undefined) return closure;
  return { ...closure, opaque: `code that runs imports ${other}` };
}

function modelOf(
  binding: AnyBinding | AnyRunningBinding,
  { cfg, from }: BindingGiven,
  root: string,
): string | undefined {
  if (cfg !== undefined) return isAbsolute(cfg) ? cfg : resolve(from, cfg);
  return binding.model === undefined ? undefined : resolve(root, binding.model);
}

/** A model MCName-bounds.cfg has the root module MCName.tla beside it, else the spec is the root. */
function rootModule(spec: string, cfg: string | undefined): string {
  if (cfg === undefined) return spec;
  const stem = cfg.replace(/\.cfg$/, '');
  for (const candidate of [`${stem}.tla`, `${stem.replace(/-[^/\\-]*$/, '')}.tla`]) {
    try {
      return requireFile(candidate, 'module', '');
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }
  return spec;
}
