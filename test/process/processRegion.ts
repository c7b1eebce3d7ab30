/**
 * A region of real processes for tests: `triad dev` as a library, on a temporary folder, with ways
 * to kill, stop and find its processes.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { connect } from '../../src/services/client.ts';
import type { Client } from '../../src/services/client.ts';
import { fetchPage } from '../../src/services/control.ts';
import { startDevRegion } from '../../src/services/devRegion.ts';
import type { DevRegion, DevRegionOptions } from '../../src/services/devRegion.ts';
import { freePorts } from '../../src/services/freePorts.ts';
import type { NodeStatus } from '../../src/services/nodeStatus.ts';

const repository = join(import.meta.dirname, '../..');
const main = join(repository, 'dist/src/main.js');

/** The processes run what was built: an old build would test yesterday's code. */
function refuseOldBuild(): void {
  const stamp = join(repository, 'dist/src/.tsbuildinfo');
  const builtAt = existsSync(main) && existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  const sources = readdirSync(join(repository, 'src'), { recursive: true, encoding: 'utf8' });
  for (const room of ['protocol', 'world', 'storage', 'services']) {
    const built = join(repository, 'dist/src', room, '.tsbuildinfo');
    if (!existsSync(built)) throw new Error('run npm run build first');
    const own = sources.filter((path) => path.startsWith(`${room}/`) && path.endsWith('.ts'));
    const changed = own.filter(
      (path) => statSync(join(repository, 'src', path)).mtimeMs > statSync(built).mtimeMs,
    );
    if (changed.length > 0) throw new Error(`run npm run build first: ${changed.join(', ')}`);
  }
  if (statSync(join(repository, 'src/main.ts')).mtimeMs > builtAt) {
    throw new Error('run npm run build first: main.ts');
  }
}

export interface ProcessRegion {
  readonly dev: DevRegion;
  readonly folder: string;
  readonly client: Client;
  /** The node that leads a group and serves. Waits until there is one. */
  leaderOf(group: number): Promise<string>;
  kill(node: string, signal: NodeJS.Signals): void;
  /** Kills a node and removes all it kept; it starts again with nothing. */
  wipe(node: string): Promise<void>;
  close(): Promise<void>;
}

export interface ProcessRegionOptions {
  readonly groups: number;
  readonly configOf?: NonNullable<DevRegionOptions['configOf']>;
  /** A build with a planted bug; see planted.ts. */
  readonly program?: string;
  /** Every node records its steps into a file of its name in this folder. */
  readonly record?: string;
  /** Done to the region's folder before anything is in it. */
  readonly prepare?: (folder: string) => void;
  readonly archive?: NonNullable<DevRegionOptions['archive']>;
  /** Added to the environment of the processes. */
  readonly environment?: Readonly<Record<string, string>>;
}

const leaderWithinMs = 30_000;

export async function processRegion(o: ProcessRegionOptions): Promise<ProcessRegion> {
  refuseOldBuild();
  const folder = mkdtempSync(join(tmpdir(), 'triad-process-'));
  const { program = main, prepare, environment, ...layout } = o;
  prepare?.(folder);
  // Regions of several test files, and of several runs, stand side by side.
  const [controlPort = 0] = await freePorts(1, '127.0.0.1');
  const dev = await startDevRegion({
    ...layout,
    controlPort,
    folder,
    inMemory: false,
    leaseMs: 1_000,
    logger: pino({ level: 'silent' }),
    program: [process.execPath, program],
    environment: { TRIAD_LOG: 'silent', ...environment },
  });
  const client = connect(dev.region.nodes, o.groups, { timeoutMs: 20_000 });
  let closed: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    client.close();
    await dev.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const serving = async (group: number): Promise<string | undefined> => {
    const seen = await Promise.all(
      dev.region.nodes.map(({ http }) => fetchPage(http, '/status').catch(() => undefined)),
    );
    const leads = (seen as (NodeStatus | undefined)[]).filter((status) =>
      status?.groups.some((each) => each.group === group && each.serving),
    );
    // Two at once are what a planted bug can show for a moment.
    return leads.length === 1 ? leads[0]?.node : undefined;
  };
  return {
    dev,
    folder,
    client,
    async leaderOf(group) {
      const endAt = performance.now() + leaderWithinMs;
      while (performance.now() < endAt) {
        const node = await serving(group);
        if (node !== undefined) return node;
        await client.get('a');
      }
      throw new Error(`group ${group} has no leader`);
    },
    kill(node, signal) {
      dev.process(node)?.kill(signal);
    },
    async wipe(node) {
      await dev.halt(node);
      rmSync(join(folder, node), { recursive: true });
      dev.resume(node);
    },
    close() {
      return (closed ??= end());
    },
  };
}
