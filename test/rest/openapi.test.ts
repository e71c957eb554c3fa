import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import { statusIn } from '../../src/rest/error-responses.ts';
import { routes } from '../../src/rest/routes.ts';
import { request, useRestServer } from '../support/rest.ts';
import { workosJudges } from '../support/workos-openapi.ts';

const t = useRestServer();

describe('/openapi.json', () => {
  test('is served to everybody and has every route that is served', async () => {
    const { status, body } = await request(t, 'GET', '/openapi.json', { headers: { authorization: '' } });
    expect([status, body.openapi]).toEqual([200, '3.1.1']);
    const described = Object.entries(body.paths).map(([path, methods]) => [path, Object.keys(methods as object)]);
    const served = Object.entries(routes).map(([path, methods]) => [
      path,
      Object.keys(methods).map((method) => method.toLowerCase()),
    ]);
    expect(described).toEqual(served);
  });

  test('has schemas that are valid, and references that lead somewhere', async () => {
    const { body } = await request(t, 'GET', '/openapi.json');
    const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false });
    ajv.addVocabulary(['schemas', 'securitySchemes']);
    ajv.addSchema({ $id: 'openapi', ...body.components }, undefined, false, false);
    for (const [name, schema] of Object.entries<object>(body.components.schemas)) {
      const local = JSON.parse(JSON.stringify(schema).replaceAll('#/components/', 'openapi#/'));
      expect(() => ajv.compile(local), name).not.toThrow();
    }
    const references = JSON.stringify(body).match(/#\/components\/schemas\/\w+/g) ?? [];
    const missing = references.filter((reference) => !((reference.split('/')[3] as string) in body.components.schemas));
    expect(missing).toEqual([]);
  });

  test('gives every error the status that it has', async () => {
    const { body } = await request(t, 'GET', '/openapi.json');
    for (const [path, operations] of Object.entries<Record<string, { responses: object }>>(body.paths)) {
      for (const [method, { responses }] of Object.entries(operations)) {
        const operation = routes[path]?.[method.toUpperCase()] ?? {};
        for (const [status, { description }] of Object.entries<{ description: string }>(responses as never)) {
          const codes = description.match(/`\w+`/g) ?? [];
          for (const code of codes) expect(statusIn(operation, code.slice(1, -1) as ErrorCode)).toBe(Number(status));
        }
      }
    }
  });
});

interface Described {
  readonly $ref?: string;
  /** The usual answer is the first. */
  readonly oneOf?: readonly { readonly $ref: string }[];
}

/** The names of the schemas that an operation refers to: of its body, and of its answer. */
function namesOf(operation: object | undefined): (string | undefined)[] {
  const { requestBody, responses = {} } = (operation ?? {}) as {
    requestBody?: { content: object };
    responses?: Record<string, { content?: object }>;
  };
  const success = responses[200] ?? responses[201];
  return [requestBody?.content, success?.content].map((content) => {
    const { schema } = (content as Record<string, { schema: Described }>)?.['application/json'] ?? {};
    return (schema?.$ref ?? schema?.oneOf?.[0]?.$ref)?.split('/').at(-1);
  });
}

test.each(workosJudges)(
  'schemas have the names that they have in the document of WorkOS, where they have one: $name',
  async ({ document }) => {
    const { body } = await request(t, 'GET', '/openapi.json');
    const compared = Object.entries<Record<string, object>>(body.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, operation]) => {
        const [own, theirs] = [namesOf(operation), namesOf(document.paths[path]?.[method])];
        return theirs.flatMap((name, i) => (name ? [[path, method, name, own[i]]] : []));
      }),
    );
    expect(compared.length).toBeGreaterThan(6);
    expect(compared.map(([path, method, , own]) => [path, method, own])).toEqual(
      compared.map(([path, method, name]) => [path, method, name]),
    );
  },
);

test('docs/sdks.md lists what is served, and nothing else', () => {
  const table = readFileSync('docs/sdks.md', 'utf8').matchAll(/^\| `([A-Z]+ \/\S+)` \| (\d+) \|/gm);
  const served = Object.entries(routes).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { status }]) => `${method} ${path} ${status}`),
  );
  expect([...table].map(([, operation, status]) => `${operation} ${status}`)).toEqual(served);
});
