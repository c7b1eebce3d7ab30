#!/usr/bin/env node
/**
 * The command line of the toolkit. Commands are loaded when they are called, so that --help
 * answers at once. Exit codes: 0 conforms, 1 violation, 2 usage, 3 environment, 4
 * inconclusive, 130 interrupted.
 */
import { readFileSync } from 'node:fs';
import { buildApplication, buildRouteMap, run } from '@stricli/core';
import type { StricliProcess } from '@stricli/core';
import { linearizeCommand } from './commands/linearize.ts';
import { checkCommand } from './commands/check.ts';
import { schemaCommand } from './commands/schema.ts';
import { typesCommand } from './commands/types.ts';
import { verifyCommand } from './commands/verify.ts';

const usageExitCode = 2;

function packageVersion(): string {
  for (const place of ['../../package.json', '../package.json']) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'));
      const { name, version } = manifest as { name?: string; version?: string };
      if (name === 'bisim' && version !== undefined) return version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}

const application = buildApplication(
  buildRouteMap({
    routes: { check: checkCommand, types: typesCommand, verify: verifyCommand, linearize: linearizeCommand, schema: schemaCommand },
    docs: { brief: 'Holds protocols in TLA+ and their code in TypeScript to each other' },
  }),
  {
    name: 'bisim',
    versionInfo: { currentVersion: packageVersion() },
    scanner: { caseStyle: 'allow-kebab-for-camel' },
    documentation: { caseStyle: 'convert-camel-to-kebab' },
  },
);

const { stdout, stderr, env } = process;
const seen: StricliProcess = { stdout, stderr, env };
await run(application, process.argv.slice(2), { process: seen });
// Stricli's own codes are negative: an unknown command or flag.
if (typeof seen.exitCode === 'number' && seen.exitCode !== 0) process.exitCode = usageExitCode;
