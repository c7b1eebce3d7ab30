/** A model of histories by its name, or as it is given. */
import type { Model } from '../history/model.ts';
import { modelNamed, modelNames } from '../history/models.ts';
import { UsageError } from '../sources/usageError.ts';

export function historyModelOf(given: string | Model): Model {
  if (typeof given !== 'string') return given;
  const found = modelNamed(given);
  if (found !== undefined) return found;
  const next = `Name one of ${modelNames.join(', ')}, or give a model.`;
  throw new UsageError('no-history-model', `there is no history model ${given}`, next);
}
