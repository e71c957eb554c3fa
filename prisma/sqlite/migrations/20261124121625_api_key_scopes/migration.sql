-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN "scopes" TEXT NOT NULL DEFAULT 'users:read users:write users:credentials sessions:read sessions:write';
