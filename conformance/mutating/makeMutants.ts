/** All mutants that the spec's and the code's sources allow. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, sep } from 'node:path';
import type { BoundModel } from '../project/bindingFiles.ts';
import { specClosure } from '../sources/specClosure.ts';
import { UsageError } from '../sources/usageError.ts';
import { behaviourSpec } from '../spec/behaviourSpec.ts';
import { parseCfg } from '../spec/cfg.ts';
import { contentKey, loadSyntax } from '../spec/loadSpec.ts';
import { codeEdits, codeOperators } from './codeEdits.ts';
import { type Edit, type Mutant, mutantsOf } from './edit.ts';
import { SourceText, specEdits, specOperators } from './specEdits.ts';
import { isToolkit } from './toolkitFiles.ts';
import { typescriptOf } from './typescriptParser.ts';

export interface Made {
  readonly mutants: readonly Mutant[];
  /** By file: its text. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface MakeOptions {
  readonly spec: boolean;
  readonly code: boolean;
  /** Operators or parts of file names; all where empty. */
  readonly only: readonly string[];
  readonly jar?: string;
  readonly signal: AbortSignal;
}

export async function makeMutants(bound: BoundModel, o: MakeOptions): Promise<Made> {
  checkOnly(o.only);
  const texts = new Map<string, string>();
  const spec = o.spec ? await editsOfSpec(bound, o, texts) : [];
  const code = o.code ? editsOfCode(bound, texts) : [];
  const { root } = bound.files;
  const all = [
    ...mutantsOf('spec', spec, { root, texts }),
    ...mutantsOf('code', code, { root, texts }),
  ];
  const mutants = all.filter((each) => isWanted(each, o.only));
  if (mutants.length > 0) return { mutants, texts };
  const what = o.only.length > 0 ? ` that --only ${o.only.join(', ')} names` : '';
  throw new UsageError(
    'no-mutants',
    `nothing to mutate${what}: a score of nothing would say nothing`,
    'Leave out --only, or bind actions whose code the binding imports.',
  );
}

const operators: readonly string[] = [...new Set([...specOperators, ...codeOperators])];

function checkOnly(only: readonly string[]): void {
  const wrong = only.find((each) => each === '');
  if (wrong === undefined) return;
  throw new UsageError('only', '--only names nothing', `Operators: ${operators.join(', ')}.`);
}

function isWanted({ operator, file, id }: Mutant, only: readonly string[]): boolean {
  if (only.length === 0) return true;
  return only.some((each) =>
    operators.includes(each)
      ? operator === each
      : file.includes(each) || id === each || id.startsWith(`${each}:`),
  );
}

async function editsOfSpec(
  { files }: BoundModel,
  { jar, signal }: MakeOptions,
  texts: Map<string, string>,
): Promise<Edit[]> {
  const { module, libraryPaths } = files;
  const source = { module, libraryPaths, signal, ...(jar !== undefined && { jar: { jar } }) };
  const cfg = parseCfg(await readFile(files.cfg, 'utf8'), files.cfg);
  const syntax = await loadSyntax(source, await contentKey(source));
  const sources = new Map<string, SourceText>();
  for (const path of specClosure(module, libraryPaths).files) {
    const text = await readFile(path, 'utf8');
    texts.set(path, text);
    sources.set(basename(path, '.tla'), new SourceText(path, text));
  }
  return specEdits(syntax, sources, behaviourSpec(syntax, () => '', cfg).next);
}

/** The code that the binding imports; neither the binding itself, nor the toolkit, nor generated files. */
function editsOfCode({ closure, path, files }: BoundModel, texts: Map<string, string>): Edit[] {
  const ts = typescriptOf(files.root);
  const own = closure.files.filter(
    (each) =>
      each !== path &&
      /\.[cm]?[jt]sx?$/.test(each) &&
      !each.endsWith('.types.ts') &&
      !isToolkit(each) &&
      !each.split(sep).includes('node_modules'),
  );
  return own.flatMap((each) => {
    const text = readFileSync(each, 'utf8');
    texts.set(each, text);
    return codeEdits(ts, each, text);
  });
}
