/** The built-in models by the name the command line takes. */
import { bank } from './bankModel.ts';
import { counter } from './counterModel.ts';
import { kv, register } from './kv.ts';
import type { Model } from './model.ts';
import { queue } from './queueModel.ts';
import { set } from './setModel.ts';

const all: Readonly<Record<string, Model>> = {
  ...{ kv, register },
  set: set as Model,
  queue: queue as Model,
  counter: counter as Model,
  bank: bank as Model,
};

export const modelNames: readonly string[] = Object.keys(all);

export function modelNamed(name: string): Model | undefined {
  return Object.hasOwn(all, name) ? all[name] : undefined;
}
