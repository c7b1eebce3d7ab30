/**
 * Clients that write, read and compare-and-set a few keys as fast as they can, and the history of
 * what they saw. Values are never written twice, so that a lost write shows.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { checkLinearizable, historyLines, kv } from '../../conformance/history.ts';
import type { HistoryResult, Operation } from '../../conformance/history.ts';
import { OutcomeUnknown, Unavailable } from '../../src/services/client.ts';
import type { Client } from '../../src/services/client.ts';

export interface Workload {
  readonly history: readonly Operation[];
  /** Ends it, reads every key once more, and tells whether all of it is linearizable. */
  end(): Promise<HistoryResult>;
  /** The next write of any client that is acknowledged after now. */
  nextWrite(): Promise<void>;
}

type Outcome = Pick<Operation, 'status' | 'result'>;

const microseconds = (): number => Math.round(performance.now() * 1000);

export interface WorkloadOptions {
  readonly client: Client;
  /** Before every key and value: what another workload left would be no value of this one. */
  readonly name: string;
  readonly clients?: number;
  /** Between two operations of a client: a test that takes long needs no full load. */
  readonly restMs?: number;
}

const keysOfOne = 6;

export function startWorkload(o: WorkloadOptions): Workload {
  const { client, name: prefix, clients = 8, restMs = 0 } = o;
  const keys = Array.from({ length: keysOfOne }, (_, i) => `${prefix}-${i}`);
  const history: Operation[] = [];
  let ended = false;
  // A test that fails leaves it running: with its client closed it would never let anything else run.
  onTestFinished(() => void (ended = true));
  let count = 0;
  let waiting: (() => void)[] = [];
  const run = async (
    process: string,
    call: Pick<Operation, 'op' | 'key' | 'value' | 'eventual'>,
    act: () => Promise<unknown>,
  ): Promise<void> => {
    const invoke = microseconds();
    const { status, result } = await act().then(
      (seen): Outcome => ({ status: 'ok', result: seen ?? null }),
      (error: unknown): Outcome => {
        if (error instanceof OutcomeUnknown) return { status: 'info' };
        if (error instanceof Unavailable) return { status: 'fail' };
        throw error;
      },
    );
    const end = status === 'info' ? null : microseconds();
    history.push({
      process,
      ...call,
      status,
      invoke,
      return: end,
      ...(result !== undefined && { result }),
    });
    if (status === 'ok' && call.op !== 'get') {
      for (const done of waiting) done();
      waiting = [];
    }
  };
  const loop = async (name: number): Promise<void> => {
    for (let round = 0; !ended; round += 1) {
      if (restMs > 0) await new Promise((done) => setTimeout(done, restMs));
      const process = `${name}.${round}`;
      const key = keys[(name + round) % keys.length]!;
      const value = `${prefix}${(count += 1)}`;
      if (round % 4 === 0) {
        await run(process, { op: 'put', key, value }, () =>
          client.put(key, value).then(() => null),
        );
      } else if (round % 4 === 1) {
        const eventual = round % 8 === 1;
        const read = () => (eventual ? client.eventualGet(key) : client.get(key));
        await run(process, { op: 'get', key, ...(eventual && { eventual }) }, read);
      } else if (round % 4 === 2) {
        const seen = await client.get(key).catch(() => null);
        const change = [seen, value];
        await run(process, { op: 'cas', key, value: change }, () => client.putIf(key, value, seen));
      } else {
        await run(process, { op: 'get', key }, () => client.get(key));
      }
    }
  };
  const running = Array.from({ length: clients }, (_, name) => loop(name));
  return {
    history,
    nextWrite: () => new Promise((done) => waiting.push(done)),
    async end() {
      ended = true;
      await Promise.all(running);
      for (const key of keys) await run('last', { op: 'get', key }, () => client.get(key));
      const result = checkLinearizable(history, kv, { limitMs: 60_000 });
      if (result.verdict !== 'ok') {
        const path = join(import.meta.dirname, `../../reports/history-${prefix}.jsonl`);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, [...historyLines(history)].join(''));
      }
      return result;
    },
  };
}
