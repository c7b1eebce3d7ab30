/** `bisim check SPEC` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import type { CheckFlags } from '../check/checkVerb.ts';
import { parseSimulate, parseWorkers, plainText, tlcFlags, wholeNumber } from './tlcFlags.ts';
import { verbFlags, type VerbFlags } from './verb.ts';

type Flags = VerbFlags & CheckFlags;

export const checkCommand = buildCommand<Flags, [string], CommandContext>({
  docs: {
    brief: 'Check a model with TLC: states, coverage, and a counterexample one can read',
    fullDescription:
      'Model-checks a TLA+ spec under a cfg, or under several at once. The jar is found or ' +
      'fetched by itself; verdicts are kept and come back while nothing has changed.\n\n' +
      'Example: bisim check specs/TwoPhase.tla --config TwoPhase-3RM.cfg --workers auto',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ parse: plainText, brief: 'The root .tla file', placeholder: 'SPEC' }],
    },
    flags: {
      ...verbFlags,
      config: {
        kind: 'parsed',
        parse: plainText,
        brief: 'A .cfg; the one of the spec’s name if not given; may be repeated',
        variadic: true,
        optional: true,
      },
      workers: {
        kind: 'parsed',
        parse: parseWorkers,
        brief: 'Threads of TLC, or auto; one (the default) gives the shortest counterexamples',
        optional: true,
      },
      simulate: {
        kind: 'parsed',
        parse: parseSimulate,
        brief: 'Random behaviours instead: num=1000,depth=100,seed=1 (num is per worker)',
        optional: true,
      },
      dfid: {
        kind: 'parsed',
        parse: wholeNumber(1, 1_000_000),
        brief: 'Depth first instead, to this depth',
        optional: true,
      },
      liveness: {
        kind: 'enum',
        values: ['default', 'final', 'off'],
        brief: 'final: once all states are found; off: leave PROPERTIES out',
        optional: true,
      },
      continue: { kind: 'boolean', brief: 'Go on after a violated invariant', default: false },
      deadlock: {
        kind: 'boolean',
        brief: 'Is a state without successors an error? The cfg says if not given',
        optional: true,
        withNegated: true,
      },
      coverage: {
        kind: 'boolean',
        brief: 'Show expressions too; --no-coverage counts nothing and is faster',
        optional: true,
      },
      checkpoint: {
        kind: 'parsed',
        parse: wholeNumber(1, 100_000),
        brief: 'Minutes between checkpoints, written to --recover',
        optional: true,
      },
      recover: {
        kind: 'parsed',
        parse: plainText,
        brief: 'The folder of checkpoints; a search cut short goes on from there',
        optional: true,
      },
      distributed: {
        kind: 'parsed',
        parse: wholeNumber(0, 256),
        brief: 'Search by this many worker processes; 0: by those that join (bisim worker)',
        optional: true,
      },
      host: {
        kind: 'parsed',
        parse: plainText,
        brief: 'This machine’s name, as workers elsewhere reach it',
        optional: true,
      },
      port: {
        kind: 'parsed',
        parse: wholeNumber(1, 65_535),
        brief: 'Where workers join; 10997 for workers elsewhere',
        optional: true,
      },
      save: {
        kind: 'parsed',
        parse: plainText,
        brief:
          'Keep counterexamples in this folder: ITF, which bisim replay --trace runs, and NDJSON',
        optional: true,
      },
      ...tlcFlags,
      allowOverrides: {
        kind: 'boolean',
        brief: 'Let Java classes and jars beside the spec run',
        default: false,
      },
      cache: { kind: 'boolean', brief: 'Take verdicts of earlier runs', default: true },
    },
  },
  loader: async () => {
    const { runVerb } = await import('./verb.ts');
    const { checkVerb } = await import('../check/checkVerb.ts');
    return (flags: Flags, spec: string) =>
      runVerb('check', flags, (context) => checkVerb(spec, flags, context));
  },
});
