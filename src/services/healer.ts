/**
 * The healer: it watches the nodes, and where a group misses a member it sees to a new one, by
 * requests to the nodes. It keeps nothing: where the replicas are is read from the nodes. What must
 * hold: no read and no write waits for it; see healing.ts for why a second one does no harm.
 */
import type { Logger } from 'pino';
import type { Clock, Timer } from '../world/clock.ts';
import type { Address, Wire } from '../world/wire.ts';
import { Healing } from './healing.ts';
import type { Deed, SeenNode } from './healing.ts';
import { suspectShare } from './hosting.ts';
import { NodeLink } from './nodeLink.ts';
import type { RegionConfig } from './nodeConfig.ts';
import type { NodeStatus } from './nodeStatus.ts';

export interface HealerOptions {
  readonly region: RegionConfig;
  readonly wire: Wire;
  readonly clock: Clock;
  /** Gives the page that it gave last where that has not changed. */
  readonly fetchPage: (address: Address, path: string) => Promise<unknown>;
  readonly logger: Logger;
}

/** Of the lease: a node that does not answer for so long has failed. */
const failedShare = 2 * suspectShare;
/** A process that ended and is started anew is back by then. */
const failedMsMin = 2_000;
export function failedAfterMs(leaseMs: number): number {
  return Math.max(failedMsMin, Math.ceil(leaseMs * failedShare));
}
const tickMs = 250;
/** Where nothing is to be done, the groups are looked at less often. */
const idleMs = 5_000;
const troubledMs = 500;
const askMs = 1_000;
/** Copies that are begun in one look. */
const buildsMax = 512;

class Watched {
  readonly link: NodeLink;
  /** Of the process that answered last; another one may have lost what this one had. */
  run: unknown;
  heardMs: number;
  asked = false;

  constructor(link: NodeLink, nowMs: number) {
    this.link = link;
    this.heardMs = nowMs;
  }
}

export class Healer {
  readonly #o: HealerOptions;
  readonly #nodes: ReadonlyMap<string, Watched>;
  readonly #timer: Timer;
  readonly #failedMs: number;
  /** Of the last look: what takes several is written to the log once. */
  #told: ReadonlyMap<string, Deed> = new Map();
  /** What the nodes said when nothing was to be done. */
  #whole: readonly (NodeStatus | undefined)[] = [];
  #nextMs = 0;
  #looking = false;
  #closed = false;

  constructor(o: HealerOptions) {
    this.#o = o;
    const { wire, clock, region } = o;
    this.#failedMs = failedAfterMs(region.leaseMs);
    const nowMs = clock.nowMs();
    this.#nodes = new Map(
      region.nodes.map(({ id, address }) => {
        const to = { id, address, region: region.region, wire, clock, role: 'control' } as const;
        return [id, new Watched(new NodeLink(to), nowMs)];
      }),
    );
    this.#timer = clock.every(tickMs, () => this.#tick());
  }

  #tick(): void {
    for (const { id, http } of this.#o.region.nodes) void this.#watch(this.#nodes.get(id)!, http);
    if (this.#looking || this.#o.clock.nowMs() < this.#nextMs) return;
    this.#looking = true;
    this.#look().then(
      () => (this.#looking = false),
      (error: unknown) => {
        this.#looking = false;
        this.#o.logger.warn({ err: error }, 'healing failed; it is tried again');
      },
    );
  }

  async #watch(node: Watched, http: Address): Promise<void> {
    if (node.asked) return;
    node.asked = true;
    const page = await this.#o.fetchPage(http, '/health').catch(() => undefined);
    node.asked = false;
    const nowMs = this.#o.clock.nowMs();
    if (page === undefined) {
      // It is looked at when it has failed, not when a region that was whole is looked at again.
      const failsMs = node.heardMs + this.#failedMs;
      if (failsMs > nowMs) this.#nextMs = Math.min(this.#nextMs, failsMs);
      return;
    }
    node.heardMs = nowMs;
    const { run } = page as { run?: unknown };
    if (run !== node.run) this.#nextMs = 0;
    node.run = run;
  }

  async #look(): Promise<void> {
    const { region, clock, logger, fetchPage } = this.#o;
    const seen = new Map<string, SeenNode>();
    await Promise.all(
      region.nodes.map(async ({ id, http }) => {
        const page = await fetchPage(http, '/status').catch(() => undefined);
        const downMs = clock.nowMs() - this.#nodes.get(id)!.heardMs;
        seen.set(id, { status: page as NodeStatus | undefined, downMs });
      }),
    );
    if (this.#closed) return;
    const said = region.nodes.map(({ id }) => seen.get(id)?.status);
    if (said.every((status, i) => status !== undefined && status === this.#whole[i])) {
      this.#nextMs = clock.nowMs() + idleMs;
      return;
    }
    const healing = new Healing(region, seen, this.#failedMs);
    const all = healing.deeds();
    const builds = all.filter(({ op }) => op.kind === 'build').slice(0, buildsMax);
    const deeds = [...all.filter(({ op }) => op.kind !== 'build'), ...builds];
    const troubled =
      !healing.whole || [...seen.values()].some(({ status }) => status === undefined);
    this.#whole = healing.whole && deeds.length === 0 ? said : [];
    const restMs = deeds.length > 0 ? 0 : troubled ? this.#restMs(seen) : idleMs;
    this.#nextMs = clock.nowMs() + restMs;
    const told = new Map(deeds.map((deed) => [JSON.stringify(deed), deed]));
    for (const [text, deed] of told) if (!this.#told.has(text)) logger.info(deed, 'healing');
    this.#told = told;
    await Promise.all(deeds.map((deed) => this.#ask(deed)));
  }

  /** Until the next of those that are silent has failed. */
  #restMs(seen: ReadonlyMap<string, SeenNode>): number {
    const silent = [...seen.values()].filter(({ status }) => status === undefined);
    const left = silent.map(({ downMs }) => this.#failedMs - downMs).filter((ms) => ms > 0);
    return Math.min(troubledMs, ...left);
  }

  /** One that is not answered is asked for again at the next look, if it is still to be done. */
  async #ask({ node, group, op }: Deed): Promise<void> {
    await this.#nodes.get(node)?.link.ask({ group, key: '', op }, askMs);
  }

  close(): void {
    this.#closed = true;
    this.#timer.cancel();
    for (const { link } of this.#nodes.values()) link.close();
  }
}
