#!/usr/bin/env node
/**
 * The database's command line: a whole region on this machine, one role of a region, or how a
 * region stands. Exit codes: 0 ended as asked, 1 failed or found different, 2 usage, 3 not all could
 * be compared, 5 a node's disk has failed and must not be trusted again, 130 interrupted.
 */
import { buildApplication, buildCommand, buildRouteMap, run } from '@stricli/core';
import type { CommandContext, StricliProcess } from '@stricli/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import type { Logger } from 'pino';
import { change, createRecorder } from 'bisim/recorder';
import type { Change } from 'bisim/recorder';
import { fetchPage, startControl } from './services/control.ts';
import { controlPort, regionFile } from './services/devLayout.ts';
import { DiskFailed, diskFailedCode } from './services/diskFailed.ts';
import { startDevRegion } from './services/devRegion.ts';
import { startInProcessRegion } from './services/inProcessRegion.ts';
import { BadConfig, readRegion, regionSchema } from './services/nodeConfig.ts';
import type { RegionConfig } from './services/nodeConfig.ts';
import { startNode } from './services/nodeProcess.ts';
import { replicationTrace } from './services/replicationTrace.ts';
import { statusText } from './services/regionStatus.ts';
import type { RegionStatus } from './services/regionStatus.ts';
import { scrub } from './services/scrub.ts';
import { scrubExitCode, scrubText } from './services/scrubText.ts';
import type { Address } from './world/wire.ts';

const text = (input: string): string => input;
const whole = (input: string): number => {
  if (!/^\d{1,9}$/.test(input)) throw new SyntaxError(`${input} is no whole number`);
  return Number(input);
};
const within =
  (least: number, most: number) =>
  (input: string): number => {
    const number = whole(input);
    if (number >= least && number <= most) return number;
    throw new RangeError(`${input} is not within ${least} and ${most}`);
  };

const groupsMax = 10_000;
const portMax = 65_535;
const levels = [...Object.keys(pino.levels.values), 'silent'];

function logger(role: string): Logger {
  const level = process.env['TRIAD_LOG'] ?? 'info';
  if (!levels.includes(level)) {
    throw new BadConfig(`TRIAD_LOG is ${level}: set it to one of ${levels.join(', ')}`);
  }
  return pino({ name: role, level }, pino.destination({ dest: 2, sync: true }));
}

/** Settled by the first Ctrl-C or SIGTERM, and when the process that started this one is gone. */
function asked(): Promise<void> {
  return new Promise<void>((done) => {
    process.once('SIGINT', () => done());
    process.once('SIGTERM', () => done());
    if (process.send !== undefined) process.once('disconnect', () => done());
  }).then(() => {
    // A channel to the parent that is listened to would keep the process from ending.
    if (process.connected) process.disconnect();
  });
}

/** Runs until it is asked to end, or fails. */
async function until(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const next = code === 'EADDRINUSE' ? ' Stop what listens there, or change the config.' : '';
    process.stderr.write(`triad ${name}: ${message}${next}\n`);
    const failed = error instanceof DiskFailed ? diskFailedCode : 1;
    process.exitCode = error instanceof BadConfig ? 2 : failed;
    if (process.connected) process.disconnect();
  }
}

interface DevFlags {
  readonly data?: string;
  readonly inMemory: boolean;
  readonly groups: number;
  readonly control: number;
  readonly record?: string;
  readonly inProcess: boolean;
}

async function dev({
  data,
  inMemory,
  groups,
  control,
  record,
  inProcess,
}: DevFlags): Promise<void> {
  const broken = new AbortController();
  const ended = asked().then(() => broken.abort());
  const folder = data ?? (await mkdtemp(join(tmpdir(), 'triad-')));
  try {
    const layout = { folder, groups, inMemory, controlPort: control, logger: logger('dev') };
    const program = [
      process.execPath,
      ...process.execArgv,
      fileURLToPath(import.meta.url),
    ] as const;
    if (inProcess && record !== undefined) {
      throw new BadConfig('--record is for processes of their own: leave out --in-process');
    }
    const region = inProcess
      ? await startInProcessRegion(layout)
      : await startDevRegion({
          ...layout,
          signal: broken.signal,
          ...(record !== undefined && { record: resolve(record) }),
          program,
        });
    const { nodes } = region.region;
    const addresses = nodes.map(({ address }) => `${address.host}:${address.port}`).join(' ');
    process.stdout.write(
      `A region of ${nodes.length} nodes is up: ${addresses}\n` +
        `Data: ${data === undefined ? 'temporary, removed at the end' : folder}. ` +
        `Status: triad status${whereControl(region.region)}. End: Ctrl-C.\n`,
    );
    await ended;
    await region.close();
  } catch (error) {
    if (!broken.signal.aborted) throw error;
  } finally {
    if (data === undefined) await rm(folder, { recursive: true, force: true });
  }
}

const whereControl = ({ control: { host, port } }: RegionConfig): string =>
  port === controlPort ? '' : ` --control ${host}:${port}`;

const devCommand = buildCommand<DevFlags, [], CommandContext>({
  docs: {
    brief: 'A whole region on this machine',
    fullDescription:
      'Starts three zones, a storage node in each, a host for log replicas, and a control plane, as ' +
      'separate processes on the loopback, and ends them on Ctrl-C. A folder that holds a region ' +
      'is that region again: it keeps its groups, ports and archive, as its region.json says. ' +
      'TRIAD_LOG sets the level of the logs on stderr, JSON lines: ' +
      `${levels.join(', ')}.\n\nExample: triad dev --data ./region`,
  },
  parameters: {
    flags: {
      data: {
        kind: 'parsed',
        parse: text,
        brief: 'The data folder, kept; else a temporary one',
        optional: true,
      },
      inMemory: { kind: 'boolean', brief: 'A new region keeps nothing on disk', default: false },
      groups: {
        kind: 'parsed',
        parse: within(1, groupsMax),
        brief: 'Groups of a new region',
        default: '8',
      },
      control: {
        kind: 'parsed',
        parse: within(1, portMax),
        brief: 'Port of the control plane of a new region',
        default: String(controlPort),
      },
      record: {
        kind: 'parsed',
        parse: text,
        brief: 'A folder: every node records there what it does',
        optional: true,
      },
      inProcess: {
        kind: 'boolean',
        brief: 'All of it in this one process, for tests and debuggers',
        default: false,
      },
    },
  },
  func: (flags: DevFlags) => until('dev', () => dev(flags)),
});

interface NodeFlags {
  readonly config: string;
  readonly node: string;
  readonly fresh: boolean;
  readonly record?: string;
}

/** What the node does, as a trace that `bisim validate` understands. */
function recorded(node: string, file: string) {
  const onError = (error: Error): void => logger(node).error({ err: error }, 'recording has ended');
  const recorder = createRecorder({ file: resolve(file), process: node, onError });
  return { trace: replicationTrace<Change>(recorder, change) };
}

async function node({ config, node: id, fresh, record }: NodeFlags): Promise<void> {
  const ended = asked();
  const region = await readRegion(config);
  const folder = dirname(config);
  const started = await startNode({
    ...{ region, node: id, folder, fresh, logger: logger(id) },
    ...(record !== undefined && recorded(id, record)),
  });
  const failure = await Promise.race([ended, started.failed]);
  await started.close();
  if (failure !== undefined) throw failure;
}

const config = { kind: 'parsed', parse: text, brief: "The region's config file" } as const;

const nodeCommand = buildCommand<NodeFlags, [], CommandContext>({
  docs: {
    brief: 'One storage node of a region',
    fullDescription:
      'Runs one node of a region until SIGTERM; its data lie beside the config file, in a folder ' +
      'of its name. The first start of a new region takes --fresh: without it a node with nothing ' +
      'on its disk has lost it, and waits until replicas are built on it anew.\n\n' +
      'Example: triad node --config region/region.json --node n1',
  },
  parameters: {
    flags: {
      config,
      node: { kind: 'parsed', parse: text, brief: "The node's id" },
      fresh: { kind: 'boolean', brief: 'The region begins, and this node with it', default: false },
      record: {
        kind: 'parsed',
        parse: text,
        brief: 'A file: what the node does is added to it',
        optional: true,
      },
    },
  },
  func: (flags: NodeFlags) => until('node', () => node(flags)),
});

async function control(path: string): Promise<void> {
  const ended = asked();
  const started = await startControl(await readRegion(path), logger('control'));
  await ended;
  await started.close();
}

const controlCommand = buildCommand<{ readonly config: string }, [], CommandContext>({
  docs: {
    brief: 'The control plane of a region',
    fullDescription:
      'Watches the nodes and answers for the region over HTTP: /status, /region, /metrics, ' +
      '/health.\n\nExample: triad control --config region/region.json',
  },
  parameters: { flags: { config } },
  func: (flags) => until('control', () => control(flags.config)),
});

interface StatusFlags {
  readonly data?: string;
  readonly control?: string;
  readonly json: boolean;
}

/** A page of the control plane. */
function controlPage(address: Address, path: string): Promise<unknown> {
  return fetchPage(address, path).catch((error: unknown) => {
    const where = `${address.host}:${address.port}`;
    const next = 'Start one by triad dev or triad control, or name its address by --control.';
    const why = (error as Error).message;
    throw new Error(`no control plane answers at ${where} (${why}). ${next}`, { cause: error });
  });
}

async function status({ data, control: at, json }: StatusFlags): Promise<void> {
  const address = data !== undefined ? (await readRegion(regionFile(data))).control : addressOf(at);
  const page = await controlPage(address, '/status');
  process.stdout.write(json ? `${JSON.stringify(page)}\n` : statusText(page as RegionStatus));
}

function addressOf(given: string | undefined): Address {
  if (given === undefined) return { host: '127.0.0.1', port: controlPort };
  const [, host = '127.0.0.1', port] = /^(?:(.+):)?(\d{1,5})$/.exec(given) ?? [];
  if (port === undefined || Number(port) < 1 || Number(port) > portMax) {
    throw new BadConfig(`${given} is no HOST:PORT`);
  }
  return { host, port: Number(port) };
}

const regionFlags = {
  data: {
    kind: 'parsed',
    parse: text,
    brief: "The region's data folder: it names the control plane",
    optional: true,
  },
  control: {
    kind: 'parsed',
    parse: text,
    brief: `HOST:PORT of the control plane; else 127.0.0.1:${controlPort}`,
    optional: true,
  },
  json: { kind: 'boolean', brief: 'One JSON object', default: false },
} as const;

const statusCommand = buildCommand<StatusFlags, [], CommandContext>({
  docs: {
    brief: 'How a region stands: nodes, groups, leaders, lag',
    fullDescription:
      'Asks the control plane, at its default port unless told otherwise.\n\n' +
      'Example: triad status --data ./region',
  },
  parameters: { flags: regionFlags },
  func: (flags: StatusFlags) => until('status', () => status(flags)),
});

interface ScrubFlags extends StatusFlags {
  readonly group?: number;
}

const progressMs = 2_000;

async function scrubRegion({ data, control: at, group, json }: ScrubFlags): Promise<void> {
  const region =
    data !== undefined
      ? await readRegion(regionFile(data))
      : regionSchema.parse(await controlPage(addressOf(at), '/region'));
  if (group !== undefined && !region.groups.some(({ number }) => number === group)) {
    throw new BadConfig(`the region has no group ${group}`);
  }
  const broken = new AbortController();
  const interrupt = (): void => broken.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let said = `0 of ${region.groups.length}`;
  const told = setInterval(() => {
    process.stderr.write(`triad scrub: ${said} groups compared\n`);
  }, progressMs);
  try {
    const report = await scrub({
      region,
      ...(group !== undefined && { groups: [group] }),
      signal: broken.signal,
      progress: (done, all) => (said = `${done} of ${all}`),
    });
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : scrubText(report));
    process.exitCode = scrubExitCode(report);
  } catch (error) {
    if (!broken.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    clearInterval(told);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

const scrubCommand = buildCommand<ScrubFlags, [], CommandContext>({
  docs: {
    brief: 'Compares the copies of every group, and one rebuilt from the archive',
    fullDescription:
      'Reads the live copies of each group at one slot of its log, while writes go on, rebuilds one ' +
      'from the archive alone, and verifies the archive. Exit codes: 0 all equal, 1 something ' +
      'differs, 3 not all could be compared.\n\nExample: triad scrub --data ./region',
  },
  parameters: {
    flags: {
      ...regionFlags,
      group: { kind: 'parsed', parse: whole, brief: 'This group alone', optional: true },
    },
  },
  func: (flags: ScrubFlags) => until('scrub', () => scrubRegion(flags)),
});

const { version } = createRequire(import.meta.url)('bisim/package.json') as {
  readonly version: string;
};
const application = buildApplication(
  buildRouteMap({
    routes: {
      dev: devCommand,
      node: nodeCommand,
      control: controlCommand,
      status: statusCommand,
      scrub: scrubCommand,
    },
    docs: { brief: 'A replicated store whose protocols are held to their models' },
  }),
  {
    name: 'triad',
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: 'allow-kebab-for-camel' },
    documentation: { caseStyle: 'convert-camel-to-kebab' },
  },
);

const { stdout, stderr, env } = process;
const seen: StricliProcess = { stdout, stderr, env };
await run(application, process.argv.slice(2), { process: seen });
// Stricli's own codes are negative: an unknown command or flag.
if (typeof seen.exitCode === 'number' && seen.exitCode !== 0) process.exitCode = 2;
