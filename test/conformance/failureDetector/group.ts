/**
 * The world of one group's failure detectors: one leader and its followers, links of which some may
 * be cut, and what is on its way. The meter `steady` knows which peers heard the leader all along
 * since a question was asked; it reads the followers' timers, as an observer would.
 */
import type {
  Follower,
  LeaderState,
  Message,
  Setup,
} from '../../../src/protocol/failureDetector.ts';

export type ByName<T> = Readonly<Record<string, T>>;
export type Link = readonly [from: string, to: string];

export interface Bounds {
  readonly leader: string;
  readonly followers: readonly string[];
  readonly setups: ByName<Setup>;
  readonly badLinks: readonly Link[];
  readonly crashMax: number;
}
export interface World {
  readonly bounds: Bounds;
  readonly alive: boolean;
  readonly leader: LeaderState;
  readonly followers: ByName<Follower>;
  readonly messages: readonly Message[];
  readonly cut: readonly Link[];
  readonly steady: ByName<readonly string[]>;
}

export const isLink =
  ([from, to]: Link) =>
  ([a, b]: Link): boolean =>
    a === from && b === to;

export const linkOf = (bounds: Bounds, message: Message): Link => [
  message.type === 'Heartbeat' ? bounds.leader : message.from,
  message.to,
];

export function of<T>(map: ByName<T>, r: string): T {
  const found = map[r];
  if (found === undefined) throw new Error(`nothing is known of ${r}`);
  return found;
}

const identity = (message: Message): string => JSON.stringify(Object.entries(message).sort());

/** With these on their way, as far as their links are whole; the same message is one message. */
export function withSent(world: World, sent: readonly Message[]): World {
  const { bounds, cut } = world;
  const on = sent.filter((message) => !cut.some(isLink(linkOf(bounds, message))));
  const known = new Set(world.messages.map(identity));
  return { ...world, messages: [...world.messages, ...on.filter((m) => !known.has(identity(m)))] };
}

export const without = (world: World, message: Message): World => ({
  ...world,
  messages: world.messages.filter((other) => other !== message),
});
