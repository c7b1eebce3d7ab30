/** `bisim simulate SPEC` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import type { SimulateFlags } from '../check/simulateVerb.ts';
import { plainText, tlcFlags, wholeNumber } from './tlcFlags.ts';
import { verbFlags, type VerbFlags } from './verb.ts';

type Flags = VerbFlags & SimulateFlags;

export const simulateCommand = buildCommand<Flags, [string], CommandContext>({
  docs: {
    brief: 'Random behaviours of a model, as trace files',
    fullDescription:
      'Writes behaviours with their actions and arguments: ITF files with --out, else JSON lines ' +
      'on stdout. The same seed gives the same behaviours.\n\n' +
      'Example: bisim simulate specs/TwoPhase.tla --num 20 --depth 30 --out traces',
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
        brief: 'The .cfg; the one of the spec’s name if not given',
        optional: true,
      },
      num: {
        kind: 'parsed',
        parse: wholeNumber(1, 1_000_000),
        brief: 'How many behaviours',
        default: '10',
      },
      depth: {
        kind: 'parsed',
        parse: wholeNumber(1, 1_000_000),
        brief: 'States of a behaviour at most',
        default: '100',
      },
      seed: {
        kind: 'parsed',
        parse: wholeNumber(0, 2 ** 31 - 1),
        brief: 'Of the random choices',
        default: '1',
      },
      out: {
        kind: 'parsed',
        parse: plainText,
        brief: 'A folder for ITF files, one a behaviour',
        optional: true,
      },
      ...tlcFlags,
    },
  },
  loader: async () => {
    const { runVerb } = await import('./verb.ts');
    const { simulateVerb } = await import('../check/simulateVerb.ts');
    return (flags: Flags, spec: string) =>
      runVerb('simulate', flags, (context) => simulateVerb(spec, flags, context));
  },
});
