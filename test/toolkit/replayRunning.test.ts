/** Replay on subjects that run: every edge by paths from the start, each planted bug caught. */
import { describe, expect, it } from 'vitest';
import { edgeTours } from '../../conformance/behaviour/tour.ts';
import { replayRunning } from '../../conformance/running/replayRunning.ts';
import { parameterNames, votingGraph } from './replayVoting.ts';
import { runningVoting, VotingServer, type VotingSubject } from './replayRunningVoting.ts';

const graph = votingGraph();
const given = { constants: {}, parameterNames };
const tours = () => edgeTours(graph, { maxLength: 30 });

function replay(binding: VotingSubject, more: object = {}) {
  return replayRunning(graph, binding, { ...given, paths: tours(), ...more });
}

describe('a running subject that is right', () => {
  it('takes every edge, and each subject is stopped once', async () => {
    const made: VotingServer[] = [];
    const result = await replay(
      runningVoting(() => {
        made.push(new VotingServer());
        return made.at(-1)!;
      }),
    );
    expect(result.failed.map(({ failure }) => failure.text)).toEqual([]);
    expect(result).toMatchObject({ verdict: 'ok', diverged: 0 });
    expect(result.coverage.replayed).toBe(graph.edgeCount);
    expect(result.steps).toBeGreaterThanOrEqual(graph.edgeCount);
    expect(made.length).toBeGreaterThanOrEqual(result.paths);
    expect(made.every(({ stopped }) => stopped === 1)).toBe(true);
  });
});
