import { graphql } from './generated/gql.ts';

export const SignIn = graphql(/* GraphQL */ `
  mutation SignIn($email: EmailAddress!, $password: String!) {
    authenticateWithPassword(email: $email, password: $password) {
      accessToken
      refreshToken
    }
  }
`);

export const Refresh = graphql(/* GraphQL */ `
  mutation Refresh($refreshToken: String!) {
    refreshSession(refreshToken: $refreshToken) {
      accessToken
      refreshToken
    }
  }
`);

export const Viewer = graphql(/* GraphQL */ `
  query Viewer {
    viewer {
      id
      email
      firstName
      lastName
      name
      locale
      sessions {
        id
        userAgent
        ipAddress
        createdAt
      }
    }
  }
`);

export const UpdateViewer = graphql(/* GraphQL */ `
  mutation UpdateViewer($id: ID!, $input: UpdateUserInput!) {
    updateUser(id: $id, input: $input) {
      id
    }
  }
`);

export const EndSession = graphql(/* GraphQL */ `
  mutation EndSession($id: ID!) {
    revokeSession(id: $id) {
      id
    }
  }
`);
