/**
 * How long a group takes no writes when its leadership moves, as clients see it: the time between
 * the last acknowledged write before and the first one after, over rounds of
 *   killed   kill -9 of the leader's process
 *   ended    SIGTERM of it: a planned hand-off, after which the process ends
 *   moved    a hand-off of a leader that lives on (its fsyncs take long, by strace; --slow)
 * Eight clients write without a pause, each its own keys.
 *
 * Usage: npm run bench -- failover [--rounds N] [--lease MS] [--slow] [--only NAME]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { connect } from '../src/services/client.ts';
import type { Client } from '../src/services/client.ts';
import { fetchPage } from '../src/services/control.ts';
import { startDevRegion } from '../src/services/devRegion.ts';
import type { DevRegion } from '../src/services/devRegion.ts';
import type { RegionStatus } from '../src/services/regionStatus.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    lease: { type: 'string', default: '2000' },
    slow: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const writers = 8;
const pollMs = 20;
const withinMs = 60_000;
/** Without a disturbance the longest gap of so long is what the machine itself makes. */
const calmMs = 1_000;
/** For a lease after its start a process may not be counted on to have granted none. */
const restedMs = Number(values.lease) + 500;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const rest = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Acknowledged writes, and the longest time without one since it was asked last. */
class Writes {
  #lastMs = performance.now();
  #longestMs = 0;
  #ended = false;
  readonly #running: Promise<unknown>;

  constructor(client: Client) {
    this.#running = Promise.all(Array.from({ length: writers }, (_, i) => this.#run(client, i)));
    // Whoever ends them is told; where something else failed first, that is.
    this.#running.catch(() => undefined);
  }

  async #run(client: Client, own: number): Promise<void> {
    for (let n = 0; !this.#ended; n += 1) {
      await client.put(`k${own}-${n % 64}`, `v${n}`);
      const nowMs = performance.now();
      this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastMs);
      this.#lastMs = nowMs;
    }
  }

  begin(): void {
    this.#longestMs = 0;
  }

  /** The gap that stands out: of those that ended since `begin`, and one that lasts. */
  get longestMs(): number {
    return Math.max(this.#longestMs, performance.now() - this.#lastMs);
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#running;
  }
}

async function until(dev: DevRegion, right: (status: RegionStatus) => boolean): Promise<string> {
  const endMs = performance.now() + withinMs;
  let status: RegionStatus | undefined;
  while (performance.now() < endMs) {
    const page = await fetchPage(dev.region.control, '/status').catch(() => undefined);
    status = page as RegionStatus | undefined;
    if (status !== undefined && right(status)) return status.groups[0]!.leader;
    await rest(pollMs);
  }
  throw new Error(`the region does not come back: ${JSON.stringify(status)}`);
}

/** All of it is there, as before a disturbance. */
const isWhole = ({ nodes, groups }: RegionStatus): boolean =>
  nodes.every(({ up }) => up) &&
  groups.every(({ leader, members }) => {
    const stands = members.every(({ role, phase, lag }) => {
      return role === 'storage' && phase !== 'down' && lag < 1_000;
    });
    return leader !== '' && stands;
  });

/** Disturbs the leader; gives what ends the disturbance. */
type Disturb = (dev: DevRegion, leader: string) => () => Promise<void>;
const nothing = (): Promise<void> => Promise.resolve();

const disturbances: Readonly<Record<string, Disturb>> = {
  killed: (dev, leader) => {
    dev.process(leader)?.kill('SIGKILL');
    return nothing;
  },
  ended: (dev, leader) => {
    dev.process(leader)?.kill('SIGTERM');
    return nothing;
  },
  ...(values.slow && {
    moved: (dev: DevRegion, leader: string) => {
      const inject = 'inject=fsync,fdatasync:delay_enter=1000000';
      const pid = String(dev.process(leader)?.pid);
      const tracer = spawn('strace', ['-f', '-o', '/dev/null', '-e', inject, '-p', pid], {
        stdio: 'ignore',
      });
      return () =>
        new Promise((done) => {
          tracer.once('exit', () => done());
          tracer.kill('SIGINT');
        });
    },
  }),
};

function shown(name: string, gaps: readonly number[]): string {
  const sorted = [...gaps].sort((a, b) => a - b);
  const at = (share: number): string =>
    `${sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!.toFixed(0)} ms`;
  return `${name.padEnd(8)} p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)} (${gaps.length} rounds)`;
}

async function measure(dev: DevRegion, client: Client): Promise<void> {
  const writes = new Writes(client);
  const calm: number[] = [];
  for (const [name, disturb] of Object.entries(disturbances)) {
    if (values.only !== undefined && values.only !== name) continue;
    const gaps: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await until(dev, isWhole);
      await rest(restedMs);
      writes.begin();
      await rest(calmMs);
      calm.push(writes.longestMs);
      const leader = await until(dev, isWhole);
      writes.begin();
      const end = disturb(dev, leader);
      await until(dev, ({ groups }) => groups[0]!.leader !== '' && groups[0]!.leader !== leader);
      await rest(calmMs);
      gaps.push(writes.longestMs);
      await end();
    }
    say(shown(name, gaps));
  }
  say(shown('calm', calm));
  await writes.end();
}

const folder = mkdtempSync(join(tmpdir(), 'triad-failover-'));
const main = join(resolve(import.meta.dirname, '..'), 'dist/src/main.js');
const dev = await startDevRegion({
  folder,
  groups: 1,
  inMemory: false,
  leaseMs: Number(values.lease),
  controlPort: 7_491,
  logger: pino({ level: 'silent' }),
  program: [process.execPath, main],
  environment: { TRIAD_LOG: process.env['TRIAD_LOG'] ?? 'silent' },
});
const client = connect(dev.region.nodes, 1, { timeoutMs: withinMs });
try {
  await measure(dev, client);
  say(
    `lease ${values.lease} ms; load average ${loadavg()[0]?.toFixed(1) ?? ''} on ${cpus().length} cores`,
  );
} finally {
  client.close();
  await dev.close();
  rmSync(folder, { recursive: true, force: true });
}
