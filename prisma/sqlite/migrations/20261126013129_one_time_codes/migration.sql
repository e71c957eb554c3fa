-- AlterTable
ALTER TABLE "passwords" ADD COLUMN "origin" TEXT NOT NULL DEFAULT 'set';

-- What is no hash of Roster's own was brought along.
UPDATE "passwords" SET "origin" = 'imported' WHERE "type" <> 'argon2';

-- CreateTable
CREATE TABLE "one_time_codes" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "purpose" TEXT NOT NULL,
    "user_id" TEXT,
    "email" TEXT NOT NULL,
    "email_canonical" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "sealed" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "used_at" DATETIME,
    "ended_at" DATETIME,
    CONSTRAINT "one_time_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- CreateIndex
CREATE UNIQUE INDEX "one_time_codes_digest_key" ON "one_time_codes"("digest");

-- CreateIndex
CREATE INDEX "one_time_codes_user_id_purpose_id_idx" ON "one_time_codes"("user_id", "purpose", "id");

-- CreateIndex
CREATE INDEX "one_time_codes_email_canonical_purpose_id_idx" ON "one_time_codes"("email_canonical", "purpose", "id");

-- CreateIndex
CREATE INDEX "one_time_codes_expires_at_idx" ON "one_time_codes"("expires_at");
