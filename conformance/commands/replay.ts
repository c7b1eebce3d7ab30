/** `bisim replay BINDING` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import type { ReplayFlags } from '../replaying/replayVerb.ts';
import type { Shard } from '../replaying/share.ts';
import { UsageError } from '../sources/usageError.ts';
import { plainText, tlcFlags, wholeNumber } from './tlcFlags.ts';
import { verbFlags, type VerbFlags } from './verb.ts';

type Flags = VerbFlags & ReplayFlags;

/** `2/4`: the second of four. */
export function parseShard(input: string): Shard {
  const [, index = '', count = ''] = /^(\d{1,5})\/(\d{1,5})$/.exec(input) ?? [];
  const [i, n] = [Number(index), Number(count)];
  if (i >= 1 && i <= n) return { index: i - 1, count: n };
  const next = 'Write --shard 1/4 to --shard 4/4 on four machines.';
  throw new UsageError('shard', `${JSON.stringify(input)} is no shard`, next);
}

const number = (brief: string, max: number, min = 1) =>
  ({ kind: 'parsed', parse: wholeNumber(min, max), brief, optional: true }) as const;

export const replayCommand = buildCommand<Flags, [string], CommandContext>({
  docs: {
    brief: 'Run graph edges, tours, simulations, walks or trace files on the implementation',
    fullDescription:
      'Holds code to its model: pure code runs every edge of the state graph, in both ' +
      'directions; code that runs is led along tours that take every edge. What fails is ' +
      'shrunk, and kept by --save as a trace that replays alone.\n\n' +
      'Example: bisim replay test/twoPhase.ts --config specs/TwoPhase-3RM.cfg --save failures',
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
        brief: 'A .cfg other than the binding’s own model',
        optional: true,
      },
      mode: {
        kind: 'enum',
        values: ['edges', 'tours', 'simulation', 'walk', 'trace'],
        brief: 'edges (pure code), tours (code that runs), simulation, walk or trace',
        optional: true,
      },
      coverage: {
        kind: 'enum',
        values: ['edge', 'state', 'path'],
        brief: 'What tours take: every edge, every state, every path of --in-row edges',
        default: 'edge',
      },
      inRow: {
        kind: 'parsed',
        parse: wholeNumber(2, 6),
        brief: 'Edges in a row that --coverage path takes',
        default: '2',
      },
      trace: {
        kind: 'parsed',
        parse: plainText,
        brief: 'A trace to run alone: ITF, NDJSON, or TLC’s simulation file; may be repeated',
        variadic: true,
        optional: true,
      },
      num: number('Behaviours that a simulation makes (1000)', 1e9),
      depth: number('Steps of a behaviour (100), or of the longest walk (200)', 1e6),
      steps: number('Steps of all walks together (10000)', 1e9),
      seed: {
        kind: 'parsed',
        parse: wholeNumber(0, 2 ** 31 - 1),
        brief: 'Of tours, simulations and walks',
        default: '1',
      },
      shard: { kind: 'parsed', parse: parseShard, brief: 'This share of all: 2/4', optional: true },
      parallel: {
        kind: 'parsed',
        parse: wholeNumber(1, 256),
        brief: 'Worker threads side by side',
        default: '1',
      },
      offers: {
        kind: 'boolean',
        brief: 'Also ask code that runs for what the model does not allow',
        default: true,
      },
      save: {
        kind: 'parsed',
        parse: plainText,
        brief: 'Keep failing traces in this folder',
        optional: true,
      },
      timeout: tlcFlags.timeout,
      memory: tlcFlags.memory,
      jar: tlcFlags.jar,
      cache: { kind: 'boolean', brief: 'Take results of earlier runs', default: true },
    },
  },
  loader: async () => {
    const { runVerb } = await import('./verb.ts');
    const { replayVerb } = await import('../replaying/replayVerb.ts');
    return (flags: Flags, path: string) =>
      runVerb('replay', flags, (context) => replayVerb(path, flags, context));
  },
});
