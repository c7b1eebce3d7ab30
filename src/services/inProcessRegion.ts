/**
 * A region whose roles all run in this process, over real files and a real network all the same: for
 * tests, and to step through with a debugger. What must hold: it ends whole, also where its start fails.
 */
import type { Logger } from 'pino';
import { startControl } from './control.ts';
import { inRegionFolder } from './devRegion.ts';
import type { DevLayout } from './devLayout.ts';
import type { RegionConfig } from './nodeConfig.ts';
import { startNode } from './nodeProcess.ts';

export interface InProcessRegionOptions extends DevLayout {
  readonly logger: Logger;
}

export interface InProcessRegion {
  readonly region: RegionConfig;
  close(): Promise<void>;
}

export function startInProcessRegion(o: InProcessRegionOptions): Promise<InProcessRegion> {
  const { folder, logger } = o;
  return inRegionFolder(o, async ({ region, fresh, release }) => {
    const roles: { close(): Promise<void> }[] = [];
    const end = async (): Promise<void> => {
      for (const role of roles.reverse()) await role.close();
    };
    try {
      const isNew = fresh || region.inMemory;
      for (const { id } of region.nodes) {
        const node = await startNode({ region, node: id, folder, fresh: isNew, logger });
        roles.push(node);
      }
      roles.push(await startControl(region, logger));
    } catch (error) {
      await end();
      throw error;
    }
    const close = async (): Promise<void> => {
      await end();
      await release();
    };
    return { region, close };
  });
}
