/**
 * Stages one code mutant: a fresh copy of the binding's import closure with the patch applied,
 * handed to whoever judges it, and removed afterwards.
 */
import { readFileSync } from 'node:fs';
import type { CodeClosure } from '../sources/codeClosure.ts';
import { stageCode } from '../sources/stageCode.ts';
import { applyPatch } from './patch.ts';
import type { Patch } from './patch.ts';

export interface CodeMutantOptions {
  readonly patch: Patch;
  /** Absolute path of the file that is patched. */
  readonly file: string;
  readonly root: string;
  /** Of the binding that the mutant runs through. */
  readonly closure: CodeClosure;
  readonly temporary: string;
}

export async function withCodeMutant<T>(
  o: CodeMutantOptions,
  judge: (entry: string) => Promise<T>,
): Promise<T> {
  const text = applyPatch(readFileSync(o.file, 'utf8'), o.patch);
  const staged = stageCode({
    root: o.root,
    closure: o.closure,
    replaced: new Map([[o.file, text]]),
    temporary: o.temporary,
  });
  try {
    return await judge(staged.entry);
  } finally {
    staged.dispose();
  }
}
