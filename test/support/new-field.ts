import type { AddedLine } from './repository-copy.ts';

/** The recipe of docs/architecture.md for a plain field that users may set of themselves: all that is written by hand. */
export const newField: AddedLine[] = [
  {
    file: 'prisma/models.prisma',
    after: '  name              String?',
    line: '  nickName          String?   @map("nick_name") /// What friends call the user.',
  },
  {
    file: 'src/users/fields.ts',
    after: '  name: clearable(',
    line: '  nickName: clearable(text(maxNameCharacters)),',
  },
  {
    file: 'src/users/access.ts',
    after: '  name: personal,',
    line: '  nickName: personal,',
  },
  {
    file: 'src/graphql/schema/user.ts',
    after: "  name: { type: 'String'",
    line: "  nickName: { type: 'String', input: 'What friends call the user, at most 255 characters.' },",
  },
  {
    file: 'src/rest/wire.ts',
    after: "  name: field('name'",
    line: "  nick_name: field('nickName', 'What friends call the user.', nameOrNull),",
  },
];
