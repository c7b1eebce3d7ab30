/** `bisim graph SPEC` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import type { GraphFlags } from '../check/graphVerb.ts';
import { plainText, tlcFlags } from './tlcFlags.ts';
import { verbFlags, type VerbFlags } from './verb.ts';

type Flags = VerbFlags & GraphFlags;

export const graphCommand = buildCommand<Flags, [string], CommandContext>({
  docs: {
    brief: 'The state graph of a model: cached, summarised, exported',
    fullDescription:
      'Explores the model and reads its whole graph, edges with their arguments. Next must be flat, ' +
      'and a cfg with SYMMETRY, VIEW or CONSTRAINT is refused: its graph is not the spec’s.\n\n' +
      'Example: bisim graph specs/TwoPhase.tla --out twophase.dot',
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
      out: {
        kind: 'parsed',
        parse: plainText,
        brief: 'Write it to FILE.dot, .json, .ndjson or .bisim',
        optional: true,
      },
      ...tlcFlags,
      cache: { kind: 'boolean', brief: 'Take the graph of an earlier run', default: true },
    },
  },
  loader: async () => {
    const { runVerb } = await import('./verb.ts');
    const { graphVerb } = await import('../check/graphVerb.ts');
    return (flags: Flags, spec: string) =>
      runVerb('graph', flags, (context) => graphVerb(spec, flags, context));
  },
});
