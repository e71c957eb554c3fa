-- CreateTable
CREATE TABLE "refresh_token_families" (
    "session_id" TEXT NOT NULL PRIMARY KEY,
    "key" TEXT NOT NULL,
    "salt" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "created_at" DATETIME NOT NULL,
    CONSTRAINT "refresh_token_families_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- RedefineTables: without the foreign key, and without the tokens of sessions that have ended. Nothing refers to this table.
CREATE TABLE "new_refresh_tokens" (
    "hash" TEXT NOT NULL PRIMARY KEY,
    "session_id" TEXT NOT NULL,
    "created_at" DATETIME NOT NULL,
    "used_at" DATETIME
);
INSERT INTO "new_refresh_tokens" ("created_at", "hash", "session_id", "used_at") SELECT "created_at", "hash", "session_id", "used_at" FROM "refresh_tokens"
WHERE "session_id" IN (SELECT "id" FROM "sessions" WHERE "ended_at" IS NULL);
DROP TABLE "refresh_tokens";
ALTER TABLE "new_refresh_tokens" RENAME TO "refresh_tokens";
CREATE INDEX "refresh_tokens_session_id_idx" ON "refresh_tokens"("session_id");
