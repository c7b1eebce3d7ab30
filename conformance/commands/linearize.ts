/** `bisim linearize` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import { verbFlags, type VerbFlags } from './verb.ts';

interface Flags extends VerbFlags {
  readonly model: string;
  readonly consistency: string;
  readonly limit?: string;
  readonly recover: boolean;
  readonly html?: string;
  readonly faults?: string;
  readonly workers?: number;
}

const showsHtml = (reporters: VerbFlags['reporter'] = []): boolean =>
  reporters.some(({ kind }) => kind === 'html');

const text = (input: string): string => input;

const whole = (input: string): number => {
  if (/^[1-9]\d{0,2}$/.test(input)) return Number(input);
  throw new RangeError(`${input} is no number of threads`);
};

export const linearizeCommand = buildCommand<Flags, string[], CommandContext>({
  docs: {
    brief: 'Check client histories: linearizability, or another consistency model',
    fullDescription:
      'Reads histories of client operations (JSON lines: one operation a line, or invoke and ' +
      'return events) and decides whether some order of them is legal. Exit codes: 0 ok, ' +
      '1 violation, 2 bad input, 4 undecided within the limit.\n\n' +
      'Consistency models: linearizable, sequential, causal, causal-convergence, causal-memory, ' +
      'session or session=GUARANTEE,… (read-your-writes, monotonic-reads, monotonic-writes, ' +
      'writes-follow-reads), staleness=N, and for transactions read-committed, ' +
      'snapshot-isolation, serializable (both also strong-session-…), strict-serializable, ' +
      'serializable-and-per-item-linearizable.\n\n' +
      'Example: bisim linearize run.jsonl --model kv --limit 10s --html run.html',
  },
  parameters: {
    positional: {
      kind: 'array',
      parameter: { parse: text, brief: 'History files', placeholder: 'FILE' },
      minimum: 1,
    },
    flags: {
      ...verbFlags,
      model: {
        kind: 'parsed',
        parse: text,
        brief: 'kv, register, set, queue, counter, bank, or a file that exports `model`',
        default: 'kv',
      },
      consistency: {
        kind: 'parsed',
        parse: text,
        brief: 'What the histories are held to',
        default: 'linearizable',
      },
      limit: {
        kind: 'parsed',
        parse: text,
        brief: 'Time for each file, as 10s or 500ms',
        optional: true,
      },
      recover: {
        kind: 'boolean',
        brief: 'Drop a cut-off last line; what was open is of unknown outcome',
        default: false,
      },
      html: { kind: 'parsed', parse: text, brief: 'Write a timeline here', optional: true },
      faults: {
        kind: 'parsed',
        parse: text,
        brief: 'Spans to mark in the timeline: JSON lines of from, to, label',
        optional: true,
      },
      workers: {
        kind: 'parsed',
        parse: whole,
        brief: 'Threads, where there are several files',
        optional: true,
      },
    },
  },
  loader: async () => {
    const { runVerb } = await import('./verb.ts');
    const { linearize } = await import('../linearize/linearize.ts');
    return async ({ json, debug, reporter, ...flags }: Flags, ...files: string[]) => {
      const shared = { json, debug, ...(reporter === undefined ? {} : { reporter }) };
      await runVerb('linearize', shared, ({ signal, cwd }) =>
        linearize({ ...flags, files, cwd, signal, drawn: showsHtml(reporter) }),
      );
    };
  },
});
