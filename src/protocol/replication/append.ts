/**
 * Replication of the leader's log to the members that joined its ballot.
 * Spec: specs/replication/Replication.tla, "Replication".
 */
import { sameBallot } from './ballot.ts';
import { acceptedMessage, promisedDurably } from './election.ts';
import { chosen, others, owns, waited, write } from './operators.ts';
import type { Accept, Accepted, CommitMessage, SendOutput, State, Step } from './state.ts';

/** Accepts the ballot's next slot, in order only; answers again for one it holds. */
export function accept(state: State, args: { message: Accept }): Step | undefined {
  const { ballot, slot, command } = args.message;
  if (owns(state, ballot)) return undefined;
  if (!sameBallot(state.promised, ballot)) return undefined;
  if (!sameBallot(state.logBallot, ballot)) return undefined;
  if (slot > state.log.length + 1) return undefined;
  if (slot <= state.log.length) {
    if (state.unsynced.length > 0) return undefined;
    return { state, outputs: [acceptedMessage(state, ballot, state.log.length)] };
  }
  const accepted = acceptedMessage(state, ballot, slot);
  return write(state, { log: state.log.append(command) }, [accepted]);
}

/** The leader learns how far a member holds its log. */
export function receiveAccepted(state: State, args: { message: Accepted }): Step | undefined {
  const { ballot, from, length } = args.message;
  if (state.phase !== 'leader' || !sameBallot(ballot, state.ballot)) return undefined;
  if ((state.acked[from] ?? 0) >= length) return undefined;
  return { state: { ...state, acked: { ...state.acked, [from]: length } }, outputs: [] };
}

/**
 * The leader shows what a quorum holds durably, its barrier included: not
 * before every older lease has run out, since their leaders do not know of it.
 */
export function commit(state: State, args: { nowMs: number }): Step | undefined {
  if (state.phase !== 'leader') return undefined;
  if (!waited(state, args.nowMs)) return undefined;
  const slot = chosen(state);
  if (slot <= state.commit || slot < state.barrier) return undefined;
  const message: CommitMessage = { type: 'commit', ballot: state.ballot, slot };
  const step = learned(state, slot);
  return {
    ...step,
    outputs: [...step.outputs, { kind: 'send', to: others(state), message }],
  };
}

function learned(state: State, slot: number): Step {
  const first = state.commit + 1;
  return {
    state: { ...state, commit: slot },
    outputs: [{ kind: 'apply', first, commands: state.log.slice(first, slot) }],
  };
}

/** A member of the ballot learns what is chosen. */
export function learnCommit(state: State, args: { message: CommitMessage }): Step | undefined {
  const { ballot, slot } = args.message;
  if (owns(state, ballot) || !sameBallot(state.logBallot, ballot)) return undefined;
  if (slot > state.log.length || state.commit >= slot) return undefined;
  return learned(state, slot);
}

/**
 * Sends again what may be lost: asks who has not joined, brings the rest up to date. At most
 * `slotsMax` slots a member: what is not sent may as well be lost again.
 */
export function resend(state: State, args: { readonly slotsMax?: number } = {}): Step | undefined {
  const { slotsMax = Infinity } = args;
  if (state.phase === 'follower' || !promisedDurably(state)) return undefined;
  const { ballot } = state;
  const outputs: SendOutput[] = [];
  const joined = others(state).filter((member) => (state.acked[member] ?? 0) > 0);
  const absent = others(state).filter((member) => !joined.includes(member));
  if (absent.length > 0) {
    outputs.push({
      kind: 'send',
      to: absent,
      message: { type: 'prepare', ballot, commit: state.commit },
    });
  }
  const held = joined.map((member) => state.acked[member] ?? 0);
  // What was dropped every member holds, whatever it has told.
  const first = Math.max(
    joined.length === 0 ? state.log.length : Math.min(...held),
    state.log.base,
  );
  for (let slot = first + 1; slot <= state.log.length; slot += 1) {
    const to = joined.filter((member) => {
      const held = Math.max(state.acked[member] ?? 0, state.log.base);
      return held < slot && slot <= held + slotsMax;
    });
    if (to.length === 0) continue;
    const message: Accept = { type: 'accept', ballot, slot, command: state.log.at(slot) };
    outputs.push({ kind: 'send', to, message });
  }
  if (state.commit > 0) {
    const message: CommitMessage = { type: 'commit', ballot, slot: state.commit };
    outputs.push({ kind: 'send', to: others(state), message });
  }
  return { state, outputs };
}

/** The fsync of the oldest writes has finished: what waited for them goes out. */
export function persisted(state: State, args: { writes: number }): Step | undefined {
  const { writes } = args;
  if (writes < 1 || writes > state.unsynced.length) return undefined;
  return {
    state: { ...state, unsynced: state.unsynced.slice(writes) },
    outputs: state.unsynced.slice(0, writes).flatMap((pending) => pending.send),
  };
}
