import type { Principal } from '../principal/principal.ts';

/** What the log says of a request, as far as it is known yet: ids, and names of the schema, never what was sent. */
export interface RequestRecord {
  readonly requestId: string;
  apiKeyId?: string;
  userId?: string;
  /** The root fields of a valid GraphQL document. */
  fields?: readonly string[];
}

/** Notes who acts. Of somebody without credentials there is no id. Answers them, acting in this request. */
export function recordPrincipal<Known extends Principal>(record: RequestRecord, principal: Known): Known {
  if (principal.kind === 'api-key') record.apiKeyId = principal.id;
  if (principal.kind === 'user') record.userId = principal.userId;
  return { requestId: record.requestId, ...principal };
}
