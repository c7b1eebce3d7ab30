/**
 * One command line, from its words to its exit code. Exit codes: 0 conforms, 1 violation, 2 usage,
 * 3 environment, 4 inconclusive, 130 interrupted.
 */
import { buildApplication, buildRouteMap, run } from '@stricli/core';
import type { StricliProcess } from '@stricli/core';
import { packageVersion } from '../project/packageVersion.ts';
import { exitCodes } from '../report/exitCodes.ts';
import { proposeWord } from '../scaffold/completionScript.ts';
import { commandText } from './commandText.ts';
import { verbsFor } from './verbs.ts';

export async function runCommandLine(typed: readonly string[]): Promise<void> {
  const application = buildApplication(
    buildRouteMap({
      routes: await verbsFor(typed[0]),
      docs: { brief: 'Holds protocols in TLA+ and their code in TypeScript to each other' },
    }),
    {
      name: 'bisim',
      versionInfo: { currentVersion: packageVersion() },
      scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
      documentation: {
        caseStyle: 'convert-camel-to-kebab',
        disableAnsiColor: process.env['NO_COLOR'] !== undefined,
      },
      localization: { text: commandText },
    },
  );
  const { stdout, stderr, env } = process;
  const seen: StricliProcess = { stdout, stderr, env };
  if (typed[0] === proposeWord) {
    const { proposals } = await import('./completion.ts');
    stdout.write(await proposals(application, typed.slice(1)));
  } else await run(application, [...typed], { process: seen });
  // Stricli's own codes are negative: an unknown command or flag.
  const refused = typeof seen.exitCode === 'number' && seen.exitCode !== 0;
  if (refused) process.exitCode = exitCodes.usage;
}
