/** The failure detector of one replica over the members of its epoch: what it asks, and how it stands. */
import type { State } from '../protocol/membership/state.ts';
import type { Candidate } from './elections.ts';
import type { ReplicaOptions } from './replicaOptions.ts';
import { Suspicion } from './suspicion.ts';

export function suspicionOf(
  { times, nowMs, send, number, elections }: ReplicaOptions,
  { id, members, storage }: State['group'],
  candidate: Candidate,
): Suspicion {
  const peers = members.filter((member) => member !== id);
  return new Suspicion({
    self: id,
    members,
    candidates: storage,
    times,
    nowMs: nowMs(),
    ask: (question) => send(peers, question),
    elect: () => elections.stand(number, candidate),
  });
}
