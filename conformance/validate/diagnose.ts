import type { Rejection } from './rejection.ts';
export async function diagnose(o: { matched: number; failure: string | undefined }): Promise<Rejection> {
  return { states: 0, enabled: [], differences: [], fits: [], ...(o.failure ? { tlc: o.failure } : {}) };
}
