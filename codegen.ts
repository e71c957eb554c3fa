import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents from `schema.graphql`, which `npm run codegen` writes first. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  importExtension: '.ts',
  documents: 'test/support/documents.ts',
  silent: true,
  generates: {
    'test/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        importExtension: '.ts',
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: {
          DateTime: 'string',
          EmailAddress: 'string',
          Locale: 'string',
          Metadata: { input: 'Record<string, string | null>', output: 'Record<string, string>' },
          URL: 'string',
        },
      },
    },
  },
};

export default config;
