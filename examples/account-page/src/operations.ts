import { graphql } from './generated/gql.ts';

export const SignIn = graphql(/* GraphQL */ `
  mutation SignIn($email: EmailAddress!, $password: String!) {
    authenticateWithPassword(email: $email, password: $password) {
      accessToken
      accessTokenExpiresIn
      refreshToken
    }
  }
`);

export const Refresh = graphql(/* GraphQL */ `
  mutation Refresh($refreshToken: String!) {
    refreshSession(refreshToken: $refreshToken) {
      accessToken
      accessTokenExpiresIn
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
        createdAt
        updatedAt
        ipAddress
        userAgent
      }
    }
  }
`);

export const UpdateViewer = graphql(/* GraphQL */ `
  mutation UpdateViewer($id: ID!, $input: UpdateUserInput!) {
    updateUser(id: $id, input: $input) {
      id
      firstName
      lastName
      name
      locale
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
