#!/usr/bin/env node
/**
 * The command line of the toolkit. Commands are loaded when they are called, so that --help
 * answers at once. Exit codes: 0 conforms, 1 violation, 2 usage, 3 environment, 4
 * inconclusive, 130 interrupted.
 */
import { buildApplication, buildRouteMap, run } from '@stricli/core';
import type { StricliProcess } from '@stricli/core';
import { commandText } from './commands/commandText.ts';
import { completionCommand, proposals } from './commands/completion.ts';
import { doctorCommand } from './commands/doctor.ts';
import { initCommand } from './commands/init.ts';
import { linearizeCommand } from './commands/linearize.ts';
import { checkCommand } from './commands/check.ts';
import { replayCommand } from './commands/replay.ts';
import { explainCommand } from './commands/explain.ts';
import { schemaCommand } from './commands/schema.ts';
import { mutateCommand } from './commands/mutate.ts';
import { typesCommand } from './commands/types.ts';
import { validateCommand } from './commands/validate.ts';
import { workerCommand } from './commands/worker.ts';
import { simulateCommand } from './commands/simulate.ts';
import { graphCommand } from './commands/graph.ts';
import { fetchCommand } from './commands/fetch.ts';
import { coverageCommand } from './commands/coverage.ts';
import { verifyCommand } from './commands/verify.ts';
import { packageVersion } from './project/packageVersion.ts';
import { proposeWord } from './scaffold/completionScript.ts';

const usageExitCode = 2;

const application = buildApplication(
  buildRouteMap({
    routes: {
      check: checkCommand,
      simulate: simulateCommand,
      graph: graphCommand,
      worker: workerCommand,
      fetch: fetchCommand,
      types: typesCommand,
      mutate: mutateCommand,
      validate: validateCommand,
      verify: verifyCommand,
      replay: replayCommand,
      coverage: coverageCommand,
      linearize: linearizeCommand,
      explain: explainCommand,
      schema: schemaCommand,
      init: initCommand,
      doctor: doctorCommand,
      completion: completionCommand,
    },
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
const typed = process.argv.slice(2);
if (typed[0] === proposeWord) stdout.write(await proposals(application, typed.slice(1)));
else await run(application, typed, { process: seen });
// Stricli's own codes are negative: an unknown command or flag.
if (typeof seen.exitCode === 'number' && seen.exitCode !== 0) process.exitCode = usageExitCode;
