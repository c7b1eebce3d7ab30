/**
 * Changes of the members: who proposes one, who hears of it, and how a new member
 * comes to count. Spec: specs/membership/Membership.tla, "Changes of the members".
 */
import { hasLease, others, ownPromise, write } from '../replication/operators.ts';
import type { Accept } from '../replication/state.ts';
import { enter, open, settled, within } from './operators.ts';
import type { Configuration, EpochMessage, State, Step } from './state.ts';

/**
 * The serving leader proposes the next members as the last entry of its epoch.
 * `args.epoch` is the epoch that the change was made for: a healer that looked at
 * an older one must look again.
 */
export function reconfigure(
  state: State,
  args: Configuration & { readonly nowMs: number },
): Step | undefined {
  if (!settled(state, args.nowMs)) return undefined;
  if (state.group.leaseMs > 0 && !hasLease(state, args.nowMs)) return undefined;
  if (!ownPromise(state) || !open(state)) return undefined;
  if (args.epoch !== state.epoch) return undefined;
  const { epoch, members, storage } = args;
  const command = { kind: 'reconfigure', epoch, members, storage } as const;
  const slot = state.log.length + 1;
  const message: Accept = { type: 'accept', ballot: state.ballot, slot, command };
  const sent = { kind: 'send', to: others(state), message } as const;
  return within(state, write(state, { log: state.log.append(command) }, [], [sent]));
}

/**
 * Tells the members of this epoch how it began, with the log after `start`: not from slots that
 * were dropped, but always that it began.
 */
export function announce(state: State, args: { readonly start: number }): Step | undefined {
  if (state.epoch <= 1) return undefined;
  if (args.start > state.opened) return undefined;
  if (args.start < state.log.base && args.start !== state.opened) return undefined;
  const { members, storage } = state.group;
  const message: EpochMessage = {
    type: 'epoch',
    epoch: state.epoch,
    members,
    storage,
    start: args.start,
    entries: state.log.slice(args.start + 1, state.opened),
  };
  return { state, outputs: [{ kind: 'send', to: others(state), message }] };
}

/**
 * A member enters the epoch once it holds the whole chosen log: it must know the
 * slots before the copy to be chosen, and takes the rest from the copy. What it
 * knows beyond the copy is of a later epoch: this one is over.
 */
export function install(state: State, args: { readonly message: EpochMessage }): Step | undefined {
  const { epoch, members, start, entries } = args.message;
  if (!members.includes(state.group.id)) return undefined;
  if (state.epoch >= epoch) return undefined;
  if (start > state.commit) return undefined;
  if (start + entries.length < state.commit) return undefined;
  const log = state.log.replaceAfter(start, entries);
  const step = enter(state, { ...args.message, opened: log.length }, log);
  const first = state.commit + 1;
  const commands = log.slice(first);
  if (commands.length === 0) return step;
  return { ...step, outputs: [{ kind: 'apply', first, commands }, ...step.outputs] };
}
