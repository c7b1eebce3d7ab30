/**
 * What a node answers to `triad scrub`: where a replica is, its leader's archive brought up to there,
 * and the checksum of a copy at a slot. What must hold: only the last one who asks for a checksum of
 * a copy is waited with, and no longer than it wishes.
 */
import type { Clock } from '../world/clock.ts';
import type { Archiver } from './archiver.ts';
import type { CallResult } from './calls.ts';
import type { Reading } from './copyMark.ts';
import type { Items } from './items.ts';
import type { Replica } from './replica.ts';
import type { ScrubAsk } from './requestCodec.ts';

/** The answer to `where`; all answers' values are JSON. */
export interface Where {
  readonly replica: string;
  readonly serving: boolean;
  readonly epoch: number;
  readonly storage: readonly string[];
  readonly members: readonly string[];
  readonly commit: number;
}

/** The answer to `archive`: how far the archive lists the group. */
export interface Archived {
  readonly through: number;
}

const waitMsMax = 60_000;
const failed: CallResult = { status: 'failed', value: null };
const ok = (value: Where | Archived | Reading): CallResult => ({
  status: 'ok',
  value: JSON.stringify(value),
});

export interface Scrubbed {
  readonly group: number;
  readonly replica: Replica | undefined;
  readonly items: Items;
  readonly archiver: Archiver | undefined;
  readonly clock: Clock;
}

export async function answerScrub(
  ask: ScrubAsk,
  { group, replica, items, archiver, clock }: Scrubbed,
): Promise<CallResult> {
  if (replica === undefined) return failed;
  const { state, serving } = replica;
  const { id, storage, members } = state.group;
  switch (ask.kind) {
    case 'where': {
      const { epoch, commit } = state;
      return ok({ replica: id, serving, epoch, storage, members, commit });
    }
    case 'archive':
      if (archiver === undefined || !serving) return failed;
      return ok({ through: await archiver.request(group) });
    case 'checksum': {
      if (!storage.includes(id)) return failed;
      const mark = items.mark(ask.slot);
      const late = clock.after(Math.min(ask.waitMs, waitMsMax), () => mark.late());
      return ok(await mark.reading.finally(() => late.cancel()));
    }
  }
}
