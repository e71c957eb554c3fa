import type { Identity } from '../db/database.ts';
import { providers } from '../users/providers.ts';
import { output } from './json-schemas.ts';

/** An identity as REST shows it. */
export function presentIdentity({ idpId, provider }: Identity): Record<string, unknown> {
  return { idp_id: idpId, type: 'OAuth', provider };
}

/** The schema of that. */
export const identitySchema = output({
  idp_id: { type: 'string' },
  type: { const: 'OAuth' },
  provider: { enum: Object.values(providers) },
});
