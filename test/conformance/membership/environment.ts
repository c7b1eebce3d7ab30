/** What surrounds a group: crashes, restarts and time, as pure actions of Membership.tla. */
import { restart } from '../../../src/protocol/membership/recovery.ts';
import type { State } from '../../../src/protocol/membership/state.ts';
import { durable } from '../../../src/protocol/replication/operators.ts';
import { settle } from './actions.ts';
import { leftOf } from './network.ts';
import type { World } from './world.ts';
import { at, storageOf } from './world.ts';

/** What a replica is after a restart: the configuration is read off its durable log. */
function comeBack({ model, now }: World, state: State): State {
  const { promised, logBallot, log } = durable(state);
  const { id, leaseMs, driftMs } = state.group;
  const identity = { id, leaseMs, driftMs };
  const first = { epoch: 1, members: model.first, storage: storageOf(model, model.first) };
  const image = { promised, logBallot, log };
  return restart({ identity, first, image, kept: 0, nowMs: now }).state;
}

/** What is not durable is lost. */
export function crash(world: World, r: string): World | undefined {
  const { model, alive, crashes, replicas } = world;
  if (alive[r] !== true || !model.crashable.has(r)) return undefined;
  if (crashes >= model.crashLimit) return undefined;
  const state = at(replicas, r);
  const lost = { ...comeBack(world, state), grants: [] };
  return settle({
    ...world,
    crashes: crashes + 1,
    alive: { ...alive, [r]: false },
    replicas: { ...replicas, [r]: lost },
  });
}

export function restarted(world: World, r: string): World | undefined {
  const { alive, replicas } = world;
  if (alive[r] === true) return undefined;
  return settle({
    ...world,
    alive: { ...alive, [r]: true },
    replicas: { ...replicas, [r]: comeBack(world, at(replicas, r)) },
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
