/**
 * Logs without their first slots: who may drop them, and how a replica that is in no epoch
 * takes up behind them. Spec: specs/membership/Membership.tla, "Truncation"; `first[r]` there
 * is `log.base` here.
 *
 * What is checked here is what one replica sees of itself. That a dropped slot is archived, that
 * the items hold it durably (`kept`) and that every member of the epoch has kept as much are the
 * service's to know: it hands in a `through` that is no more than the least of these.
 */
import { CommandLog } from '../replication/commandLog.ts';
import type { Command } from '../replication/commandLog.ts';
import { write } from '../replication/operators.ts';
import { enter, within } from './operators.ts';
import type { Opening, State, Step } from './state.ts';

/**
 * A member drops the slots up to `through`. Nothing waits for it to be durable: a crash that
 * forgets it brings back what was there.
 */
export function truncate(state: State, args: { readonly through: number }): Step | undefined {
  const { log, group } = state;
  if (!group.members.includes(group.id)) return undefined;
  if (args.through <= log.base || args.through > state.commit) return undefined;
  return { state: { ...state, log: log.truncate(args.through) }, outputs: [] };
}

export interface CopyArgs {
  /** The slots that the other one has dropped; `entries` are those after them. */
  readonly start: number;
  readonly entries: readonly Command[];
  readonly from: Opening;
}

/**
 * A replica that is in no epoch takes over what another one knows to be chosen: the slots that
 * that one still has, which a fellow member may need, and what came before them as its items, or
 * nothing where it keeps the log alone. Its items hold all of it durably by now. `from` is the
 * epoch of that other one: where the copy reaches into it, a member of it enters it at once.
 */
export function copy(state: State, args: CopyArgs): Step | undefined {
  const { start, entries, from } = args;
  const log = CommandLog.of(entries, start);
  if (state.epoch > 0 || from.epoch === 0 || log.length <= state.commit) return undefined;
  const reached = log.length >= from.opened && from.members.includes(state.group.id);
  if (reached) return enter(state, from, log);
  return within(state, write({ ...state, commit: log.length }, { log }, []));
}
