/**
 * A region on one machine as separate processes: it starts them, starts one that died anew, and
 * ends them all. What must hold: no process of it outlives it, and two never run on one folder.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { devLayout, ForeignFolder, regionFile, unusable } from './devLayout.ts';
import type { DevLayout } from './devLayout.ts';
import { diskFailedCode } from './diskFailed.ts';
import { fetchPage } from './control.ts';
import { lockFile } from '../world/lockFile.ts';
import { makeFolder } from '../world/makeFolder.ts';
import type { Address } from '../world/wire.ts';
import type { RegionConfig } from './nodeConfig.ts';

export interface DevRegionOptions extends DevLayout {
  readonly logger: Logger;
  /** How one role's process is started: the program and what stands before the role's arguments. */
  readonly program: readonly [string, ...string[]];
  /** The config file that a role is given in place of the region's own. */
  readonly configOf?: (role: string, region: RegionConfig) => string;
  /** Every node records its steps into a file of its name in this folder. */
  readonly record?: string;
  /** Aborted, a region that is starting ends. */
  readonly signal?: AbortSignal;
  /** Added to the environment of the processes. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface DevRegion {
  readonly region: RegionConfig;
  /** The process of a role: a node's id, or `control`. */
  process(role: string): ChildProcess | undefined;
  /** Kills a role's process, and starts none anew until `resume`. */
  halt(role: string): Promise<void>;
  resume(role: string): void;
  close(): Promise<void>;
}

/** One that ends of itself is started later each time. */
const restartMs = 500;
const restartMsMax = 10_000;
/** On a machine with much else to do five programs take long to start; one that ends is told at once. */
const readyMs = 60_000;
const pollMs = 20;
const endMs = 5_000;

class Role {
  /** Told when it ended unasked; null: by a signal. */
  onEnd: (code: number | null) => void = () => undefined;
  readonly #name: string;
  readonly #args: readonly string[];
  readonly #o: DevRegionOptions;
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #ended: Promise<void> = Promise.resolve();
  #restartMs = restartMs;
  #closing = false;
  #halted = false;

  /** `once` is told to its first process alone. */
  constructor(
    name: string,
    args: readonly string[],
    o: DevRegionOptions,
    once: readonly string[] = [],
  ) {
    this.#name = name;
    this.#args = args;
    this.#o = o;
    this.#start(once);
  }

  get child(): ChildProcess | undefined {
    return this.#child;
  }

  #start(once: readonly string[] = []): void {
    const [program, ...before] = this.#o.program;
    const child = spawn(program, [...before, ...this.#args, ...once], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { TRIAD_LOG: 'warn', ...process.env, ...this.#o.environment },
    });
    this.#child = child;
    this.#ended = new Promise((done) => {
      const ended = (code: number | null, signal: string | null): void => {
        this.#child = undefined;
        done();
        if (this.#closing || this.#halted) return;
        this.onEnd(code);
        if (code === diskFailedCode) {
          const why = 'its disk has failed, and it stays down: see what it said';
          this.#o.logger.error({ role: this.#name }, why);
          return;
        }
        this.#o.logger.warn({ role: this.#name, code, signal }, 'ended; it is started anew');
        this.#restart = setTimeout(() => this.#start(), this.#restartMs);
        if (code !== null) this.#restartMs = Math.min(2 * this.#restartMs, restartMsMax);
      };
      child.once('exit', ended);
      child.once('error', () => ended(null, null));
    });
  }

  async halt(): Promise<void> {
    this.#halted = true;
    clearTimeout(this.#restart);
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  resume(): void {
    this.#halted = false;
    this.#start();
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restart);
    this.#child?.kill('SIGTERM');
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), endMs);
    await this.#ended;
    clearTimeout(late);
  }
}

/** Only one region at a time has a folder; one that was killed has it no longer. */
async function take(folder: string): Promise<() => Promise<void>> {
  const release = await lockFile(join(folder, 'region.lock')).catch((error: unknown) => {
    throw unusable(folder, error as NodeJS.ErrnoException);
  });
  if (release !== undefined) return release;
  throw new ForeignFolder(
    `${folder}: a region runs on this folder already. Stop it, or name another folder by --data.`,
  );
}

export function startDevRegion(o: DevRegionOptions): Promise<DevRegion> {
  return inRegionFolder(o, (taken) => startRoles(o, taken));
}

/** What is refused leaves nothing behind: neither a folder, nor a file in one. */
export async function inRegionFolder<T>(
  o: DevLayout,
  start: (taken: Taken) => Promise<T>,
): Promise<T> {
  const made = await makeFolder(o.folder).catch((error: NodeJS.ErrnoException) => {
    throw unusable(o.folder, error);
  });
  let release: (() => Promise<void>) | undefined;
  try {
    release = await take(o.folder);
    const { region, fresh } = await devLayout(o);
    return await start({ region, fresh, release });
  } catch (error) {
    await release?.();
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    throw error;
  }
}

export interface Taken {
  readonly region: RegionConfig;
  readonly fresh: boolean;
  readonly release: () => Promise<void>;
}

async function startRoles(o: DevRegionOptions, taken: Taken): Promise<DevRegion> {
  const { region, fresh, release } = taken;
  if (o.record !== undefined) await makeFolder(o.record);
  const config = (role: string): readonly string[] => [
    '--config',
    o.configOf?.(role, region) ?? regionFile(o.folder),
  ];
  const roles = new Map<string, Role>();
  for (const { id } of region.nodes) {
    const record = o.record === undefined ? [] : ['--record', join(o.record, `${id}.ndjson`)];
    const args = ['node', ...config(id), '--node', id, ...record];
    // In memory every region is a new one.
    roles.set(id, new Role(id, args, o, fresh || region.inMemory ? ['--fresh'] : []));
  }
  roles.set('control', new Role('control', ['control', ...config('control')], o));
  const end = (): Promise<unknown> => Promise.all([...roles.values()].map((role) => role.close()));
  const close = async (): Promise<void> => {
    await end();
    await release();
  };
  const halt = async (role: string): Promise<void> => roles.get(role)?.halt();
  const resume = (role: string): void => roles.get(role)?.resume();
  try {
    const nodes = region.nodes.map(({ id, http }) => ready(id, http));
    const all = Promise.all([...nodes, ready('control', region.control)]);
    await Promise.race([all, hindered(roles, o.signal)]);
  } catch (error) {
    await end();
    throw error;
  }
  return { region, process: (role) => roles.get(role)?.child, halt, resume, close };
}

/** Rejects where the start is broken off, or a role ends of itself: it would end so again. */
function hindered(roles: ReadonlyMap<string, Role>, signal?: AbortSignal): Promise<never> {
  return new Promise((_, failed) => {
    const stop = (): void => failed(new Error('the start was broken off'));
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop, { once: true });
    for (const [name, role] of roles) {
      role.onEnd = (code) => {
        if (code === null) return;
        failed(new Error(`${name} cannot start: its process ended with exit code ${code}`));
      };
    }
  });
}

/** Waits until a role answers at its side door: a node's id, or `control`. */
async function ready(role: string, door: Address): Promise<void> {
  const endAt = performance.now() + readyMs;
  for (;;) {
    const page = (await fetchPage(door, '/health').catch(() => undefined)) as
      { readonly node?: string } | undefined;
    // One that is not well is up all the same: it serves what it can.
    if (page !== undefined && (page.node ?? 'control') === role) return;
    if (performance.now() > endAt) throw new Error(`${role} is not ready in ${readyMs} ms`);
    await new Promise((done) => setTimeout(done, pollMs));
  }
}
