import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { assertScopes } from '../../principal/authorization.ts';
import type { Principal } from '../../principal/principal.ts';
import { unauthorized } from '../../principal/unauthorized.ts';
import { assertMayRead } from '../../users/access.ts';
import { type RootField, rootFields, subscriptionFields } from '../access.ts';
import type { GraphQLContext } from '../context.ts';
import { selectedFields } from './selected-fields.ts';

/** Every root field asks, before it does anything, who calls and whether they may read what they want back. */
export function guardRootFields(schema: GraphQLSchema): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const { resolve } = field;
      const rootField = ruleOf(rootFields, field.name);
      field.resolve = (source, args, context: GraphQLContext, info) => {
        assertMayUse(context.principal, rootField, info);
        return resolve?.(source, args, context, info);
      };
    }
  }
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const { subscribe } = field;
    const rootField = ruleOf(subscriptionFields, field.name);
    field.subscribe = (source, args, context: GraphQLContext, info) => {
      assertMayUse(context.principal, rootField, info);
      return subscribe?.(source, args, context, info);
    };
  }
  return schema;
}

function ruleOf(rules: ReadonlyMap<string, RootField>, name: string): RootField {
  const rule = rules.get(name);
  if (!rule) throw new Error(`Who may use the root field ${name}? graphql/access.ts does not say.`);
  return rule;
}

function assertMayUse(principal: Principal, { scopes, also }: RootField, info: GraphQLResolveInfo): void {
  if (!also.includes(principal.kind)) {
    if (principal.kind === 'anonymous') throw unauthorized();
    assertScopes(principal, scopes);
  }
  const { ofUser, scopes: further } = selectedFields(info);
  if (further.size > 0) assertScopes(principal, [...further]);
  assertMayRead(principal, ofUser);
}
