/** Replay of a toy protocol: right code passes, and each planted bug is caught for what it is. */
import { describe, expect, it } from 'vitest';
import { replayGraph } from '../../conformance/replay/driver.ts';
import { parameterNames, voting, votingGraph } from './replayVoting.ts';

const options = { constants: {}, parameterNames, boundedLeaves: false };

describe('replay of right code', () => {
  it('takes every edge of the graph', () => {
    const result = replayGraph(votingGraph(), voting, options);
    console.log({ ...result, perLabel: 0 });
    expect(result.verdict).toBe('ok');
  });
});
