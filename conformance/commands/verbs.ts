/**
 * The verbs, each loaded when it is named: reading the files of all of them costs a cold start
 * some 20 ms of CPU. Help, completion and words that are no verb need all of them, in this order.
 */
import type { Command, CommandContext } from '@stricli/core';

type Verb = Command<CommandContext>;

const verbs: Readonly<Record<string, () => Promise<Verb>>> = {
  check: async () => (await import('./check.ts')).checkCommand,
  simulate: async () => (await import('./simulate.ts')).simulateCommand,
  graph: async () => (await import('./graph.ts')).graphCommand,
  worker: async () => (await import('./worker.ts')).workerCommand,
  fetch: async () => (await import('./fetch.ts')).fetchCommand,
  types: async () => (await import('./types.ts')).typesCommand,
  mutate: async () => (await import('./mutate.ts')).mutateCommand,
  validate: async () => (await import('./validate.ts')).validateCommand,
  verify: async () => (await import('./verify.ts')).verifyCommand,
  replay: async () => (await import('./replay.ts')).replayCommand,
  coverage: async () => (await import('./coverage.ts')).coverageCommand,
  linearize: async () => (await import('./linearize.ts')).linearizeCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  schema: async () => (await import('./schema.ts')).schemaCommand,
  init: async () => (await import('./init.ts')).initCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  completion: async () => (await import('./completion.ts')).completionCommand,
};

/** The verb that the first word names; all of them where it names none. */
export async function verbsFor(word: string | undefined): Promise<Record<string, Verb>> {
  const all = Object.entries(verbs);
  const named = all.filter(([name]) => name === word);
  const wanted = named.length === 1 ? named : all;
  const loaded = wanted.map(async ([name, load]) => [name, await load()] as const);
  return Object.fromEntries(await Promise.all(loaded));
}
