import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import type PrismaTypes from '../../generated/pothos.ts';
import { getDatamodel } from '../../generated/pothos.ts';
import type { GraphQLContext } from '../context.ts';

export interface Types {
  Context: GraphQLContext;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    EmailAddress: { Input: string; Output: string };
    Locale: { Input: string; Output: string };
    JSON: { Input: unknown; Output: unknown };
    JSONObject: { Input: Record<string, unknown>; Output: Record<string, unknown> };
    Metadata: { Input: unknown; Output: unknown };
    URL: { Input: URL; Output: string };
  };
}

/** The schema's builder. It defines no types: each has a file of its own, and `schema.ts` puts them together. */
export const builder = new SchemaBuilder<Types>({
  plugins: [PrismaPlugin],
  defaultFieldNullability: false,
  prisma: {
    client: ({ app }) => app.db.reader,
    dmmf: getDatamodel(),
    exposeDescriptions: true,
  },
});
