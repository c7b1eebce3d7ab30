/**
 * A region of real processes that record what they do, with clients whose calls are a history: at
 * the end the recordings are held to the spec, and the history to linearizability.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLinearizable, kv } from '../../conformance/history.ts';
import type { HistoryResult, Operation } from '../../conformance/history.ts';
import type { ValidateOutcome } from '../../conformance/validate/validateTraces.ts';
import { OutcomeUnknown, Unavailable } from '../../src/services/client.ts';
import type { Client } from '../../src/services/client.ts';
import type { RegionConfig } from '../../src/services/nodeConfig.ts';
import * as membership from '../conformance/membershipTrace.ts';
import * as replication from '../conformance/replicationTrace.ts';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion, ProcessRegionOptions } from './processRegion.ts';

export interface Checked {
  readonly history: HistoryResult;
  readonly trace: ValidateOutcome;
  /** How often each action was recorded. */
  readonly actions: ReadonlyMap<string, number>;
}

export interface RecordedRegion {
  readonly region: ProcessRegion;
  readonly calls: RecordedCalls;
  /** Removes what a node kept; it does not run. */
  forget(node: string): void;
  /** Ends the region and checks what was recorded. */
  check(): Promise<Checked>;
  /** Ends the region where that was not done, and removes all that it wrote. */
  end(): Promise<void>;
}

const microseconds = (): number => Math.round(performance.now() * 1000);
/** A fifth of the lease: the run is counted in ticks of a part of it. */
const driftMs = 200;

type Call = Pick<Operation, 'op' | 'key' | 'value' | 'eventual'>;

export class RecordedCalls {
  readonly history: Operation[] = [];
  #count = 0;

  /** A value that was never written. */
  next(): string {
    return `v${(this.#count += 1)}`;
  }

  async run(call: Call, act: () => Promise<unknown>): Promise<unknown> {
    const process = `c${(this.#count += 1)}`;
    const invoke = microseconds();
    const seen = await act().then(
      (result) => ({ status: 'ok', result: result ?? null }) as const,
      (error: unknown) => {
        if (error instanceof OutcomeUnknown) return { status: 'info' } as const;
        if (error instanceof Unavailable) return { status: 'fail' } as const;
        throw error;
      },
    );
    const end = seen.status === 'info' ? null : microseconds();
    this.history.push({ process, ...call, ...seen, invoke, return: end });
    return seen.status === 'ok' ? seen.result : undefined;
  }

  put(client: Client, key: string, value = this.next()): Promise<unknown> {
    return this.run({ op: 'put', key, value }, () => client.put(key, value));
  }

  get(client: Client, key: string): Promise<unknown> {
    return this.run({ op: 'get', key }, () => client.get(key));
  }

  async cas(client: Client, key: string): Promise<unknown> {
    const expected = await client.get(key).catch(() => null);
    const value = this.next();
    const change = [expected, value];
    return this.run({ op: 'cas', key, value: change }, () => client.putIf(key, value, expected));
  }

  eventual(client: Client, key: string): Promise<unknown> {
    return this.run({ op: 'get', key, eventual: true }, () => client.eventualGet(key));
  }

  /** So many rounds of every kind of call, by as many clients as there are keys. */
  async burst(client: Client, keys: readonly string[], rounds: number): Promise<void> {
    const rest = async (own: number): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        const key = keys[(own + round) % keys.length]!;
        await this.put(client, key);
        await this.get(client, key);
        await this.cas(client, key);
        await this.eventual(client, key);
      }
    };
    await Promise.all(keys.map((_, own) => rest(own)));
  }
}

export interface RecordedRegionOptions extends Omit<ProcessRegionOptions, 'record' | 'groups'> {
  /**
   * The control plane puts others in the place of who is away, and the run is held to Membership;
   * else it sleeps, the members stay as they are, and the run is held to Replication.
   */
  readonly changing?: boolean;
}

export async function recordedRegion({
  changing = false,
  ...o
}: RecordedRegionOptions): Promise<RecordedRegion> {
  const folder = mkdtempSync(join(tmpdir(), 'triad-recorded-'));
  const record = join(folder, 'record');
  const configOf = (role: string, region: RegionConfig): string => {
    const path = join(folder, 'config', `${role}.json`);
    mkdirSync(join(folder, 'config'), { recursive: true });
    writeFileSync(path, JSON.stringify({ ...region, driftMs }));
    return path;
  };
  const region = await processRegion({ configOf, ...o, groups: 1, record });
  if (!changing) region.kill('control', 'SIGSTOP');
  const { lowerInto, validateRun } = changing ? membership : replication;
  const calls = new RecordedCalls();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    region.kill('control', 'SIGCONT');
    return (closed ??= region.close());
  };
  return {
    region,
    calls,
    // Its data lie where its config does.
    forget: (node) => rmSync(join(folder, 'config', node), { recursive: true }),
    async check() {
      await close();
      const files = region.dev.region.nodes.map(({ id }) => join(record, `${id}.ndjson`));
      const file = join(folder, 'run.ndjson');
      const { steps } = await lowerInto(file, files, 1);
      const actions = new Map<string, number>();
      for (const { action } of steps) actions.set(action, 1 + (actions.get(action) ?? 0));
      const trace = await validateRun(file, { from: folder });
      return { history: checkLinearizable(calls.history, kv), trace, actions };
    },
    async end() {
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
