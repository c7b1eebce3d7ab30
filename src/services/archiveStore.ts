/** The object store that a region's config names. */
import { directoryStore } from '../storage/directoryStore.ts';
import type { ObjectStore } from '../storage/objectStore.ts';
import type { ArchiveConfig } from './nodeConfig.ts';

export async function archiveStore(config: ArchiveConfig): Promise<ObjectStore> {
  if (config.kind === 'directory') return directoryStore(config.path);
  const { s3Store } = await import('../storage/s3Store.ts');
  return s3Store(config);
}
