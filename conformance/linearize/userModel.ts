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

/** Is it the path of a model, rather than the name of one? */
export function isModelFile(name: string): boolean {
  return modelNamed(name) === undefined && file.test(name);
}

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
  const wrong = model === undefined ? 'exports no model' : faultOf(model);
  if (wrong === undefined) return model as Model;
  throw new UsageError(
    'no-model',
    `${path} ${wrong}`,
    'Export one: export const model = { name, operations: [...], init, step(state, operation) }.',
  );
}

/** What keeps an export from being a model. */
function faultOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'exports a model that is no object';
  const { name, operations, init, step, ...others } = value as Record<string, unknown>;
  if (typeof name !== 'string') return 'exports a model whose name is no text';
  const named = Array.isArray(operations) && operations.every((op) => typeof op === 'string');
  if (!named || operations.length === 0) {
    return "exports a model whose operations are no list of names: ['push', 'pop']";
  }
  if (init === undefined) return 'exports a model without init, the first state';
  if (typeof init === 'function') return 'exports a model whose init is a function, not a state';
  if (typeof step !== 'function')
    return 'exports a model without a function step(state, operation)';
  const optional = ['partition', 'pure', 'hash', 'equal', 'requires', 'refuses', 'describe'];
  const odd = optional.find((each) => !['undefined', 'function'].includes(typeof others[each]));
  return odd === undefined ? undefined : `exports a model whose ${odd} is no function`;
}
