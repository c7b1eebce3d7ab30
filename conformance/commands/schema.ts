/** `bisim schema [VERB]`: the JSON schemas of what verbs print with --json. */
import { buildCommand, type CommandContext } from '@stricli/core';
import { verbFlags, type VerbFlags } from './verb.ts';

type Flags = VerbFlags & { readonly list: boolean };

export const schemaCommand = buildCommand<Flags, [string?], CommandContext>({
  docs: {
    brief: 'The JSON schema of what a verb prints with --json',
    fullDescription:
      'Prints the JSON schema of a verb’s --json output, that of verify where none is named. ' +
      '`error` is what every verb prints where it could not work; --list names all.\n\n' +
      'Example: bisim schema check > check.schema.json',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, brief: 'The verb', placeholder: 'VERB', optional: true }],
    },
    flags: {
      ...verbFlags,
      list: { kind: 'boolean', brief: 'Name the verbs that have a schema', default: false },
    },
  },
  loader: async () => {
    const { runVerb } = await import('./verb.ts');
    const { schemaVerb } = await import('../explain/schemaVerb.ts');
    return (flags: Flags, verb?: string) =>
      runVerb('schema', flags, () => schemaVerb(verb, flags.list));
  },
});
