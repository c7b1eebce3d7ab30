/** The object store that a region's config names. */
import { directoryStore } from '../storage/directoryStore.ts';
import type { ObjectStore } from '../storage/objectStore.ts';
import type { ArchiveConfig } from './nodeConfig.ts';

export async function archiveStore(config: ArchiveConfig): Promise<ObjectStore> {
  if (config.kind === 'directory') return directoryStore(config.path);
  throw new Error('an archive in S3 is not built in yet');
}
