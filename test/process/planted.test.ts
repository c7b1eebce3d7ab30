/** The checks of this room can fail: nodes with a planted bug are found out. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkLinearizable, kv } from '../../conformance/history.ts';
import type { Operation } from '../../conformance/history.ts';
import { connect } from '../../src/services/client.ts';
import type { Client } from '../../src/services/client.ts';
import { makeCuts } from './cuts.ts';
import { planted } from './planted.ts';
import type { Plant } from './planted.ts';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion } from './processRegion.ts';

const microseconds = (): number => Math.round(performance.now() * 1000);

/** For whoever asks one node alone: enough on a busy machine. */
const timeoutMs = 3_000;

/** The node that leads, by its answer to a strong read: one that was seen to may do so no more. */
async function leading(region: ProcessRegion): Promise<{ leader: string; asking: Client }> {
  for (;;) {
    const leader = await region.leaderOf(1);
    const node = region.dev.region.nodes.filter(({ id }) => id === leader);
    const asking = connect(node, 1, { timeoutMs });
    const answers = await asking.get('k').then(
      () => true,
      () => false,
    );
    if (answers) return { leader, asking };
    asking.close();
  }
}

/** A leader is cut off, another one writes, and the first is asked. */
async function historyOfACut(plant?: Plant): Promise<Operation[]> {
  const bug = plant === undefined ? undefined : planted(plant);
  const folder = mkdtempSync(join(tmpdir(), 'triad-planted-'));
  const cuts = await makeCuts(folder);
  const region = await processRegion({
    groups: 1,
    configOf: cuts.configOf,
    ...(bug !== undefined && { program: bug.program }),
  });
  const history: Operation[] = [];
  const put = async (value: string): Promise<void> => {
    const invoke = microseconds();
    await region.client.put('k', value);
    const done = { invoke, return: microseconds(), status: 'ok' } as const;
    history.push({ process: value, op: 'put', key: 'k', value, ...done });
  };
  try {
    await put('before');
    const { leader, asking } = await leading(region);
    const { nodes } = region.dev.region;
    for (const { id } of nodes.filter(({ id }) => id !== leader)) {
      cuts.cut(id, leader);
      cuts.cut(leader, id);
    }
    await put('after');
    const invoke = microseconds();
    const read = await asking.get('k').then(
      (result) => ({ status: 'ok', result }) as const,
      () => ({ status: 'fail' }) as const,
    );
    history.push({
      ...read,
      process: 'reader',
      op: 'get',
      key: 'k',
      invoke,
      return: microseconds(),
    });
    asking.close();
  } finally {
    await region.close();
    await cuts.close();
    bug?.remove();
    rmSync(folder, { recursive: true });
  }
  return history;
}

describe('a leader that is cut off beyond its lease', () => {
  it('reads stale where it does not look at its lease, and the history tells', async () => {
    const history = await historyOfACut({
      file: 'protocol/replication/operators.js',
      find: 'return isQuorum(holding, state.group.members.length);',
      replace: 'return true;',
    });
    const { verdict, reason } = checkLinearizable(history, kv);
    expect(verdict).toBe('violation');
    expect(reason).toContain('"before"');
  });

  it('reads nothing stale as it is', async () => {
    const history = await historyOfACut();
    expect(checkLinearizable(history, kv).verdict).toBe('ok');
  });
});
