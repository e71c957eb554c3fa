import { z } from 'zod';
import { flag, headerNames, origins } from '../setting-rules.ts';

export const graphqlSettings = {
  GRAPHIQL: flag.optional().describe('Whether `/graphql` shows GraphiQL to browsers. Unset: not in `production`.'),
  INTROSPECTION: flag
    .optional()
    .describe(
      'Whether the schema can be asked for; without, refusals suggest no names either. Unset: not in `production`.',
    ),
  PERSISTED_DOCUMENTS: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A JSON file of SHA-256 → document; then these documents are answered and no others. Unset: any document.',
    ),
  CORS_ORIGINS: origins
    .optional()
    .describe(
      'Whose pages may ask `/graphql`: origins such as `https://app.example.com`, separated by commas. Unset: only its own.',
    ),
  CORS_HEADERS: headerNames
    .optional()
    .describe(
      'Request headers that those pages may send besides the usual ones of tracing and GraphQL libraries, separated by commas.',
    ),
};
