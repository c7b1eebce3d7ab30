/** Recordings of several nodes become one run in which each step stands after its causes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { change, createRecorder } from '../../conformance/recorder.ts';
import type { Change } from '../../conformance/recorder.ts';
import { init } from '../../src/protocol/membership/state.ts';
import { replicationTrace } from '../../src/services/replicationTrace.ts';
import { readSteps } from '../conformance/replicationTrace/rawSteps.ts';
import { group } from '../protocol/replication/replicas.ts';

const nodes = ['n1', 'n2', 'n3'];
/** Long ago by its own process's clock: as one that reads the clock too low says. */
const early = { nowMs: 0 };

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'triad-trace-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const fileOf = (node: string): string => join(folder, `${node}.ndjson`);

function recording(node: string) {
  const recorder = createRecorder({ file: fileOf(node), process: node });
  const trace = replicationTrace<Change>(recorder, change);
  const state = init({ ...group('r1'), id: node });
  return {
    ...trace,
    act: (action: string, args: object = {}, of = 1) => {
      trace.of(of, node)(action, args, state, state, []);
    },
  };
}

const readActions = async (): Promise<string[]> =>
  (await readSteps(nodes.map(fileOf), 1)).map(({ r, action }) => `${r} ${action}`);

describe('steps of several nodes', () => {
  it('stand in the order of their times where none depends on another', async () => {
    const [n1, n2] = nodes.map(recording);
    n1!.act('Persisted');
    n2!.act('Promise', early);
    expect(await readActions()).toEqual(['n2 Promise', 'n1 Persisted']);
  });

  it('stand after what their node had heard of, whatever its clock says', async () => {
    const [n1, n2, n3] = nodes.map(recording);
    n3!.act('Renew', early);
    n1!.act('Persisted');
    n2!.receive(n1!.send(), 'n1');
    n2!.act('Promise', early);
    n1!.act('Resend');
    n3!.receive(n2!.send(), 'n2');
    n3!.act('Accept', early);
    expect(await readActions()).toEqual([
      'n3 Renew',
      'n1 Persisted',
      'n2 Promise',
      'n3 Accept',
      'n1 Resend',
    ]);
  });

  it('stand so too where what came between them was of another group', async () => {
    const [n1, n2] = nodes.map(recording);
    n1!.act('Persisted');
    n2!.receive(n1!.send(), 'n1');
    n2!.act('Promise', early, 2);
    n2!.act('Promise', early);
    expect(await readActions()).toEqual(['n1 Persisted', 'n2 Promise']);
  });
});
