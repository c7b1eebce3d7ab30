/** `bisim mutate BINDING` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import type { MutateFlags } from '../mutating/mutateVerb.ts';
import { megabytes, plainText, seconds, wholeNumber } from './tlcFlags.ts';
import { runVerb, verbFlags, type VerbFlags } from './verb.ts';

type Flags = VerbFlags & MutateFlags;

export const mutateCommand = buildCommand<Flags, [string], CommandContext>({
  docs: {
    brief: 'Does the suite catch seeded bugs? Mutants of the spec and of the code',
    fullDescription:
      'Changes the spec and the code in one place at a time, and tells what kills each mutant: a ' +
      'property in TLC, or the replay of the graph on the code. Survivors are explained: ' +
      "equivalent, outside the model's bounds, or a hole. Exit 1 while there are holes.\n\n" +
      'Example: bisim mutate test/twoPhase.ts --config specs/TwoPhase-3RM.cfg --max 100',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: plainText, brief: 'The file that exports the binding', placeholder: 'BINDING' },
      ],
    },
    flags: {
      ...verbFlags,
      config: {
        kind: 'parsed',
        parse: plainText,
        brief: 'A .cfg other than the binding’s own model; small ones judge faster',
        optional: true,
      },
      spec: { kind: 'boolean', brief: 'Mutants of the spec alone', default: false },
      code: { kind: 'boolean', brief: 'Mutants of the code alone', default: false },
      only: {
        kind: 'parsed',
        parse: plainText,
        brief: 'An operator, a part of a file’s path, or a mutant’s id; may be repeated',
        variadic: true,
        optional: true,
      },
      max: {
        kind: 'parsed',
        parse: wholeNumber(1, 1_000_000),
        brief: 'At most so many, chosen by the seed',
        optional: true,
      },
      seed: {
        kind: 'parsed',
        parse: wholeNumber(0, 2 ** 31 - 1),
        brief: 'Of the choice',
        default: '1',
      },
      parallel: {
        kind: 'parsed',
        parse: wholeNumber(1, 64),
        brief: 'Mutants judged at once; as many as there are processors, at most 4',
        optional: true,
      },
      timeout: { kind: 'parsed', parse: seconds, brief: 'Seconds for one mutant', default: '60' },
      memory: {
        kind: 'parsed',
        parse: megabytes,
        brief: 'Heap of one mutant in MB',
        default: '1024',
      },
      cache: { kind: 'boolean', brief: 'Take results of earlier runs', default: true },
      jar: { kind: 'parsed', parse: plainText, brief: 'The TLC jar to use', optional: true },
    },
  },
  loader: async () => {
    const { mutateVerb } = await import('../mutating/mutateVerb.ts');
    return (flags: Flags, path: string) =>
      runVerb('mutate', flags, (context) => mutateVerb(path, flags, context));
  },
});
