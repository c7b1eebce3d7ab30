/** What a scrub says to a person, and to the shell. */
import { describe, expect, it } from 'vitest';
import type { GroupScrub } from '../../src/services/scrubGroup.ts';
import { scrubExitCode, scrubText } from '../../src/services/scrubText.ts';

const copy = { node: 'n1', replica: 'n1-1', sum: 'x', items: 4, bytes: 40 };
const equal: GroupScrub = {
  group: 1,
  verdict: 'equal',
  slot: 9,
  copies: [{ ...copy, state: 'equal' }],
  rebuilt: { slot: 9, sum: 'x', items: 4, bytes: 40 },
  archive: [],
};
const away: GroupScrub = {
  ...equal,
  group: 2,
  verdict: 'partial',
  copies: [
    { ...copy, state: 'alike' },
    { node: '', replica: 'n2-1', state: 'unread', why: 'its node does not answer' },
  ],
  rebuilt: { why: 'the region has no archive' },
};
const wrong: GroupScrub = {
  ...equal,
  group: 3,
  verdict: 'differs',
  copies: [
    { ...copy, state: 'differs' },
    { ...copy, node: 'n2', replica: 'n2-1', state: 'equal' },
  ],
  archive: [{ kind: 'missing', first: 3, last: 5 }],
};

describe('the text of a scrub', () => {
  it('shows first what somebody must look at, with its cause', () => {
    const groups = [equal, away, wrong];
    expect(scrubText({ region: 'local', groups })).toMatchInlineSnapshot(`
      "region local

        group     slot      verdict   rebuilt
        2         9         partial   not rebuilt
          n1 n1-1: equal to the other live copies
          no node n2-1: not read (its node does not answer)
          rebuilt from the archive: the region has no archive
        3         9         differs   4 items
          n1 n1-1: DIFFERS
          n2 n2-1: equal
          the archive has lost the segment of slots 3 to 5
        1         9         equal     4 items

      1 groups equal, 1 differ, 1 not wholly compared
      "
    `);
  });

  it('gives the shell 1 for what differs, 3 for what was not compared, else 0', () => {
    const code = (...groups: GroupScrub[]) => scrubExitCode({ region: 'local', groups });
    expect([code(equal), code(equal, away), code(away, wrong)]).toEqual([0, 3, 1]);
  });
});
