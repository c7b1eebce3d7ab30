/** `bisim verify` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import { runVerb, type VerbFlags, verbFlags } from './verb.ts';

interface Flags extends VerbFlags {
  readonly cache: boolean;
  readonly record: boolean;
  readonly tier: 'fast' | 'long';
  readonly config?: string;
  readonly only?: string;
  readonly jar?: string;
}

const text = (input: string): string => input;

export const verifyCommand = buildCommand<Flags, [], CommandContext>({
  docs: {
    brief: 'The main job: check, replay, histories and mutants, as the config names them',
    fullDescription:
      'Everything bisim.config.ts names: models checked by TLC, every edge of their graphs run ' +
      'on the code, client histories checked for linearizability, seeded bugs caught.\n\n' +
      'Example: bisim verify --reporter html=report.html --reporter junit=junit.xml',
  },
  parameters: {
    flags: {
      ...verbFlags,
      cache: { kind: 'boolean', brief: 'Take results of earlier runs', default: true },
      record: {
        kind: 'boolean',
        brief: 'Write graphs of small models to recorded/, for machines without Java',
        default: false,
      },
      tier: {
        kind: 'enum',
        values: ['fast', 'long'],
        brief: 'long also runs the models too large for every day',
        default: 'fast',
      },
      config: { kind: 'parsed', parse: text, brief: 'The config file', optional: true },
      only: {
        kind: 'parsed',
        parse: text,
        brief: 'Models whose room or name holds this text, and their mutants',
        optional: true,
      },
      jar: { kind: 'parsed', parse: text, brief: 'The TLC jar to use', optional: true },
    },
  },
  loader: async () => {
    const command = await import('../verify/verifyCommand.ts');
    return (flags: Flags) =>
      runVerb('verify', flags, (context) => {
        const pictures = flags.reporter?.some(({ kind }) => kind === 'html') ?? false;
        return command.verifyCommand(flags, { ...context, pictures });
      });
  },
});
