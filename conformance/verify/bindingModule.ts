/**
 * Finds the binding in a module: its one export that says which spec it binds and how its
 * actions run. Loaded fresh from the path given, which may be a patched copy.
 */
import type { Binding } from '../replay/binding.ts';
import { loadModule } from '../sources/loadModule.ts';
import { UsageError } from '../sources/usageError.ts';

export type AnyBinding = Binding<unknown>;

function isBinding(value: unknown): value is AnyBinding {
  if (typeof value !== 'object' || value === null) return false;
  const { spec, init, actions, view } = value as Record<string, unknown>;
  return (
    typeof spec === 'string' &&
    typeof init === 'function' &&
    typeof actions === 'object' &&
    typeof view === 'function'
  );
}

export async function loadBinding(path: string, cacheFolder?: string): Promise<AnyBinding> {
  const module = await loadModule(path, cacheFolder === undefined ? {} : { cacheFolder });
  const found = Object.values(module).filter(isBinding);
  const [binding] = found;
  if (binding !== undefined && found.every((other) => other === binding)) return binding;
  throw new UsageError(
    'no-binding',
    `${path} exports ${found.length} bindings, not one`,
    'Export what defineBinding returns, one binding a file.',
  );
}
