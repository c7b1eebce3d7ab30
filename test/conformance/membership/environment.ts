/** What surrounds a group: crashes, restarts and time, as pure actions of Membership.tla. */
import { restart } from '../../../src/protocol/membership/recovery.ts';
import { init } from '../../../src/protocol/membership/state.ts';
import type { State } from '../../../src/protocol/membership/state.ts';
import { settle } from './actions.ts';
import { leftOf } from './network.ts';
import type { World } from './world.ts';
import { at, storageOf } from './world.ts';

function identityOf({ group: { id, leaseMs, driftMs } }: State) {
  return { id, leaseMs, driftMs };
}

/** What is not written is lost. The configuration shows until the restart reads it anew. */
export function crash(world: World, r: string): World | undefined {
  const { model, alive, crashes, replicas } = world;
  if (alive[r] !== true || !model.crashable.has(r)) return undefined;
  if (crashes >= model.crashLimit) return undefined;
  const state = at(replicas, r);
  const { group, promised, logBallot, log, epoch, opened } = state;
  const kept = { group, promised, logBallot, log, epoch, opened };
  const lost = { ...init(identityOf(state)), ...kept };
  return settle({
    ...world,
    crashes: crashes + 1,
    alive: { ...alive, [r]: false },
    replicas: { ...replicas, [r]: lost },
  });
}

export function restarted(world: World, r: string): World | undefined {
  const { model, alive, replicas, now } = world;
  if (alive[r] === true) return undefined;
  const state = at(replicas, r);
  const { promised, logBallot, log } = state;
  const first = { epoch: 1, members: model.first, storage: storageOf(model, model.first) };
  const image = { promised, logBallot, log };
  const step = restart({ identity: identityOf(state), first, image, nowMs: now });
  return settle({
    ...world,
    alive: { ...alive, [r]: true },
    replicas: { ...replicas, [r]: step.state },
  });
}

/** One tick on every clock. */
export function advance(world: World): World | undefined {
  if (world.model.lease === 0 || !timed(world)) return undefined;
  return settle({ ...world, now: world.now + 1 });
}

function timed(world: World): boolean {
  const { now, msgs, model, replicas } = world;
  const about = msgs.some(
    (m) => (m.type === 'renew' || m.type === 'grant') && leftOf(world, m) > 0,
  );
  if (about) return true;
  return model.replicas.some((r) => {
    const { grants, waits, held } = at(replicas, r);
    const ends = [...grants, ...waits].map(({ untilMs }) => untilMs);
    return [...ends, ...Object.values(held)].some((untilMs) => untilMs > now);
  });
}
