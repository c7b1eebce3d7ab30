#!/usr/bin/env node
/**
 * The command line of the toolkit. Commands are loaded when they are called, so that --help
 * answers at once. Exit codes: 0 conforms, 1 violation, 2 usage, 3 environment, 4
 * inconclusive, 130 interrupted.
 */
import { readFileSync } from 'node:fs';
import { buildApplication, buildCommand, buildRouteMap, run } from '@stricli/core';
import type { CommandContext, StricliProcess } from '@stricli/core';

const usageExitCode = 2;

interface Flags {
  readonly json: boolean;
  readonly cache: boolean;
  readonly record: boolean;
  readonly tier: 'fast' | 'long';
  readonly debug: boolean;
  readonly config?: string;
  readonly only?: string;
  readonly jar?: string;
}

const text = (input: string): string => input;

const verifyCommand = buildCommand<Flags, [], CommandContext>({
  docs: {
    brief: 'The main job: check, replay, histories and mutants, as the config names them',
    fullDescription:
      'Everything bisim.config.ts names: models checked by TLC, every edge of their graphs run ' +
      'on the code, client histories checked for linearizability, seeded bugs caught.\n\n' +
      'Example: bisim verify --json > report.json',
  },
  parameters: {
    flags: {
      json: { kind: 'boolean', brief: 'Print one JSON object (bisim schema)', default: false },
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
      debug: { kind: 'boolean', brief: 'Show where errors come from', default: false },
    },
  },
  loader: async () => {
    const command = await import('./verify/verifyCommand.ts');
    return async (flags: Flags) => {
      process.exitCode = await command.verifyCommand(flags);
    };
  },
});

const schemaCommand = buildCommand<Record<never, never>, [], CommandContext>({
  docs: {
    brief: 'The JSON schema of what verify --json prints',
    fullDescription: 'Example: bisim schema > verify.schema.json',
  },
  parameters: {},
  loader: async () => {
    const { z } = await import('zod');
    const { verifyReportSchema } = await import('./report/verifyReport.ts');
    return () => {
      process.stdout.write(`${JSON.stringify(z.toJSONSchema(verifyReportSchema), null, 2)}\n`);
    };
  },
});

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
    routes: { verify: verifyCommand, schema: schemaCommand },
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
