/** `bisim explain RESULT` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import { verbFlags, type VerbFlags } from './verb.ts';

export const explainCommand = buildCommand<VerbFlags, [string], CommandContext>({
  docs: {
    brief: 'A failure in plain words, with the command that reproduces it',
    fullDescription:
      'Reads what a verb printed with --json, and says what failed, where, what each step up to it ' +
      'changed, and how to see it again. Exits with 0 once it has explained, whatever it explained.\n\n' +
      'Example: bisim check specs/TwoPhase.tla --json > result.json; bisim explain result.json',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: String,
          brief: 'A file that --json was written to; - is stdin',
          placeholder: 'RESULT',
        },
      ],
    },
    flags: { ...verbFlags },
  },
  loader: async () => {
    const { runVerb } = await import('./verb.ts');
    const { explainVerb } = await import('../explain/explainVerb.ts');
    return (flags: VerbFlags, result: string) =>
      runVerb('explain', flags, (context) => explainVerb(result, context));
  },
});
