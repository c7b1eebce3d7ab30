/**
 * A storage node as a process: its disk, its side door, its metrics. What must hold: it is ready
 * only when both doors are open, and closes what it opened, whatever fails.
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Archive } from '../storage/archive.ts';
import { StoreStopped } from '../storage/itemStore.ts';
import { LogStopped } from '../storage/log.ts';
import { realClock } from '../world/clock.ts';
import { realDisk } from '../world/disk.ts';
import { memoryDisk } from '../world/memoryDisk.ts';
import { realWire } from '../world/wire.ts';
import { archiveStore } from './archiveStore.ts';
import { DiskFailed } from './diskFailed.ts';
import { openHttpDoor } from './httpDoor.ts';
import type { HttpDoor } from './httpDoor.ts';
import { nodePages } from './nodePages.ts';
import { BadConfig } from './nodeConfig.ts';
import type { RegionConfig } from './nodeConfig.ts';
import { portsFree } from './portsFree.ts';
import type { Wanted } from './portsFree.ts';
import { StorageNode } from './storageNode.ts';
import type { StorageNodeOptions } from './storageNode.ts';

export interface NodeProcessOptions {
  readonly region: RegionConfig;
  readonly node: string;
  /** The region's folder: the node's data lie in a folder of its name. */
  readonly folder: string;
  readonly logger: Logger;
  /** The region begins, and this node with it. */
  readonly fresh: boolean;
  readonly trace?: NonNullable<StorageNodeOptions['trace']>;
}

export interface NodeProcess {
  readonly node: StorageNode;
  /** Settled when the node cannot go on: its log has failed. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

export async function startNode(o: NodeProcessOptions): Promise<NodeProcess> {
  const { region, logger, trace } = o;
  const ids = region.nodes.map(({ id }) => id);
  if (!ids.includes(o.node)) {
    throw new BadConfig(`${o.node} is none of the region's nodes: ${ids.join(', ')}`);
  }
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((done) => (fail = done));
  const folder = join(o.folder, o.node);
  await portsFree(listening(o), 'Stop what listens there, or change the config.');
  const disk = region.inMemory ? memoryDisk() : await realDisk(folder);
  const store = region.archive && (await archiveStore(region.archive));
  const node = await StorageNode.start({
    region,
    node: o.node,
    fresh: o.fresh,
    disk,
    itemsFolder: region.inMemory ? undefined : join(folder, 'items'),
    wire: realWire,
    clock: realClock,
    stopped: (error) => {
      logger.error({ err: error }, 'the node cannot go on');
      const isDisk = error instanceof LogStopped || error instanceof StoreStopped;
      fail(isDisk ? new DiskFailed(folder, error) : error);
    },
    damaged: (group, err) => logger.error({ group, err }, 'damaged items: never served or copied'),
    ...(trace !== undefined && { trace }),
    ...(store !== undefined && { archive: { to: new Archive(store), failing: told(logger) } }),
  });
  let door: HttpDoor;
  try {
    door = await openHttpDoor(node.entry.http, nodePages(node, region.nodes.length - 1));
  } catch (error) {
    await node.close();
    throw error;
  }
  logger.info({ node: o.node, address: node.entry.address, groups: node.replicas.size }, 'ready');
  const close = async (): Promise<void> => {
    await door.close();
    await node.close();
    logger.info({ node: o.node }, 'closed');
  };
  return { node, failed, close };
}

function listening({ region, node }: NodeProcessOptions): Wanted[] {
  const entry = region.nodes.find(({ id }) => id === node);
  return [entry?.address ?? [], entry?.http ?? []].flat().map((address) => {
    return { whose: node, address };
  });
}

/** Once when the archive begins to fail, once when it works again. */
function told(logger: Logger): (error: Error | undefined) => void {
  return (err) => {
    if (err === undefined) logger.info('the archive takes entries again');
    else logger.error({ err }, 'the archive takes no entries: it is tried again, and logs grow');
  };
}
