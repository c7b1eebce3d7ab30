/** `bisim completion` on the command line, and the proposals that its scripts ask for. */
import {
  buildCommand,
  proposeCompletions,
  type Application,
  type CommandContext,
} from '@stricli/core';
import { completionScript, shells, type Shell } from '../scaffold/completionScript.ts';
import { UsageError } from '../sources/usageError.ts';

export const completionCommand = buildCommand<Record<never, never>, [Shell?], CommandContext>({
  docs: {
    brief: 'A script that completes the command line: bash, zsh or fish',
    fullDescription: 'Example: eval "$(bisim completion bash)"',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        {
          brief: 'bash, zsh or fish; bash if not given',
          parse: shellNamed,
          proposeCompletions: (partial: string) =>
            shells.filter((name) => name.startsWith(partial)),
          placeholder: 'SHELL',
          optional: true,
        },
      ],
    },
  },
  loader: () =>
    Promise.resolve((_flags: Record<never, never>, shell: Shell = 'bash') => {
      process.stdout.write(completionScript(shell));
    }),
});

function shellNamed(input: string): Shell {
  const found = shells.find((name) => name === input);
  if (found !== undefined) return found;
  throw new UsageError('no-shell', `there is no script for ${input}`, 'Use bash, zsh or fish.');
}

/** One proposal a line for what was typed, the last word being under way. */
export async function proposals(
  application: Application<CommandContext>,
  typed: readonly string[],
): Promise<string> {
  const { stdout, stderr, env } = process;
  const found = await proposeCompletions(application, typed, { process: { stdout, stderr, env } });
  return found.map(({ completion }) => `${completion}\n`).join('');
}
