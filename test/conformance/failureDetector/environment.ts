/** What befalls a group, as actions of specs/detection/FailureDetector.tla: crash and bad links. */
import type { Link, World } from './group.ts';
import { isLink, linkOf } from './group.ts';

export function crash(world: World): World | undefined {
  if (!world.alive || world.bounds.crashMax !== 1) return undefined;
  return { ...world, alive: false, leader: { ...world.leader, due: 0 } };
}

export function cutLink(world: World, link: Link): World | undefined {
  if (world.cut.some(isLink(link))) return undefined;
  const lost = isLink(link);
  const messages = world.messages.filter((message) => !lost(linkOf(world.bounds, message)));
  return { ...world, cut: [...world.cut, link], messages };
}

export function heal(world: World, link: Link): World | undefined {
  if (!world.cut.some(isLink(link))) return undefined;
  const healed = isLink(link);
  return { ...world, cut: world.cut.filter((other) => !healed(other)) };
}
