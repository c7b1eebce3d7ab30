/** Whether an error says that an action tried to write to the sealed state it was given. */
import { SealError } from './seal.ts';

const engineTexts =
  /read only property|object is not extensible|Cannot delete property|Cannot redefine property|which has only a getter/;

export function isChange(error: unknown): boolean {
  if (error instanceof SealError) return true;
  if (!(error instanceof Error)) return false;
  if (error.name === 'ValueError') return (error as { code?: unknown }).code === 'frozen';
  return error instanceof TypeError && engineTexts.test(error.message);
}
