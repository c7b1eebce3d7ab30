/**
 * Finds the binding in a module: its one export that says which spec it binds and how its
 * actions run. Loaded fresh from the path given, which may be a patched copy.
 */
import { loadModule } from '../sources/loadModule.ts';
import { UsageError } from '../sources/usageError.ts';
import type { Binding } from './binding.ts';
import type { RunningBinding } from './runningBinding.ts';

export type AnyBinding = Binding<unknown>;
export type AnyRunningBinding = RunningBinding<unknown>;

function isPure(value: unknown): value is AnyBinding {
  if (typeof value !== 'object' || value === null) return false;
  const { spec, init, actions, view } = value as Record<string, unknown>;
  return (
    typeof spec === 'string' &&
    typeof init === 'function' &&
    typeof actions === 'object' &&
    typeof view === 'function'
  );
}

export function isRunning(value: unknown): value is AnyRunningBinding {
  if (typeof value !== 'object' || value === null) return false;
  const { spec, start, actions, observe } = value as Record<string, unknown>;
  return (
    typeof spec === 'string' &&
    typeof start === 'function' &&
    typeof actions === 'object' &&
    typeof observe === 'function'
  );
}

/** The module's one binding, pure or running. */
export async function loadAnyBinding(
  path: string,
  cacheFolder?: string,
): Promise<AnyBinding | AnyRunningBinding> {
  const module = await loadModule(path, cacheFolder === undefined ? {} : { cacheFolder });
  const found = Object.values(module).filter((value) => isPure(value) || isRunning(value));
  const [binding] = found;
  if (binding !== undefined && found.every((other) => other === binding)) return binding;
  throw new UsageError(
    'no-binding',
    `${path} exports ${found.length} bindings, not one`,
    'Export what defineBinding or defineRunningBinding returns, one binding a file.',
  );
}

/** The module's one pure binding. */
export async function loadBinding(path: string, cacheFolder?: string): Promise<AnyBinding> {
  const binding = await loadAnyBinding(path, cacheFolder);
  if (!isRunning(binding)) return binding;
  throw new UsageError(
    'running-binding',
    `${path} binds code that runs; here a pure binding is needed`,
    'Bind pure functions by defineBinding, or use bisim replay.',
  );
}
