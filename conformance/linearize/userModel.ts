/**
 * The model of `--model`: a built-in one by its name, or a file of the user that exports one as
 * `model` (or as its default). Running that file is what the user asked for; nothing else of the
 * history is ever run.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Model } from '../history/model.ts';
import { modelNamed, modelNames } from '../history/models.ts';
import { UsageError } from '../sources/usageError.ts';

const file = /\.[cm]?[jt]s$/;

export async function modelFor(name: string, cwd: string): Promise<Model> {
  const built = modelNamed(name);
  if (built !== undefined) return built;
  if (!file.test(name)) {
    throw new UsageError(
      'no-model',
      `there is no model ${name}`,
      `Name one of ${modelNames.join(', ')}, or a file that exports \`model\`: ./stack.ts.`,
    );
  }
  const path = resolve(cwd, name);
  if (!existsSync(path)) {
    throw new UsageError('no-model', `there is no file ${path}`, 'Correct the path of --model.');
  }
  const { loadModule } = await import('../sources/loadModule.ts');
  const exported = await loadModule(path);
  const model = exported['model'] ?? exported['default'];
  if (isModel(model)) return model;
  throw new UsageError(
    'no-model',
    `${path} exports no model`,
    'Export one: export const model = { name, operations: [...], init, step(state, operation) }.',
  );
}

function isModel(value: unknown): value is Model {
  if (typeof value !== 'object' || value === null) return false;
  const { name, operations, step } = value as Record<string, unknown>;
  const named = typeof name === 'string' && 'init' in value && typeof step === 'function';
  return named && Array.isArray(operations) && operations.every((op) => typeof op === 'string');
}
