-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_one_time_codes" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "purpose" TEXT NOT NULL,
    "user_id" TEXT,
    "email" TEXT NOT NULL,
    "email_canonical" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "sealed" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "own_attempts" INTEGER NOT NULL DEFAULT 0,
    "requested_by" TEXT,
    "requester" TEXT NOT NULL DEFAULT 'stranger',
    "used_from" TEXT,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "used_at" DATETIME,
    "ended_at" DATETIME,
    CONSTRAINT "one_time_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
);
INSERT INTO "new_one_time_codes" ("attempts", "created_at", "digest", "email", "email_canonical", "ended_at", "expires_at", "id", "purpose", "sealed", "used_at", "user_id") SELECT "attempts", "created_at", "digest", "email", "email_canonical", "ended_at", "expires_at", "id", "purpose", "sealed", "used_at", "user_id" FROM "one_time_codes";
DROP TABLE "one_time_codes";
ALTER TABLE "new_one_time_codes" RENAME TO "one_time_codes";
CREATE UNIQUE INDEX "one_time_codes_digest_key" ON "one_time_codes"("digest");
CREATE INDEX "one_time_codes_user_id_purpose_id_idx" ON "one_time_codes"("user_id", "purpose", "id");
CREATE INDEX "one_time_codes_email_canonical_purpose_id_idx" ON "one_time_codes"("email_canonical", "purpose", "id");
CREATE INDEX "one_time_codes_expires_at_idx" ON "one_time_codes"("expires_at");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;
