/**
 * The package entry bisim/vitest: a suite of tests from a binding, matchers for single expectations, and
 * the plugin for watch mode. Importing it registers the matchers.
 */
import type { AnyBinding, AnyRunningBinding } from './replay/bindingModule.ts';
import type { Model as HistoryModel } from './history/model.ts';
import { registerMatchers, type ConformOptions } from './suite/matchers.ts';

export { conformanceSuite } from './suite/conformanceSuite.ts';
export type { SuiteOptions } from './suite/conformanceSuite.ts';
export { bisimPlugin } from './suite/specFilesPlugin.ts';
export { registerMatchers };
export type { ConformOptions };

declare module 'vitest' {
  interface Matchers<T> {
    /** The binding conforms to its model: every edge in both directions, or every tour. Await it. */
    toConform(this: Matchers<T>, options?: ConformOptions): Promise<void>;
    /**
     * The steps (`[{ action, args, state }, …]`, each told as far as it was seen), or the trace file,
     * are a behaviour of the model that the binding names. Await it.
     */
    toBeBehaviorOf(
      this: Matchers<T>,
      binding: Pick<AnyBinding | AnyRunningBinding, 'name' | 'spec'>,
      options?: { readonly model?: string },
    ): Promise<void>;
    /** The history of operations is linearizable; the model by its name, `kv` if not given. */
    toBeLinearizable(this: Matchers<T>, model?: string | HistoryModel): void;
  }
}

registerMatchers();
