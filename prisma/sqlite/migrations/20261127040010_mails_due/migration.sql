-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_mail_messages" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT,
    "template" TEXT NOT NULL,
    "locale" TEXT,
    "address" TEXT,
    "address_hash" TEXT,
    "sealed_parameters" TEXT,
    "cause" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "unanswered" INTEGER NOT NULL DEFAULT 0,
    "smtp_reply_code" INTEGER,
    "last_error" TEXT,
    "created_at" DATETIME NOT NULL,
    "due_at" DATETIME,
    "expires_at" DATETIME NOT NULL,
    "finished_at" DATETIME,
    CONSTRAINT "mail_messages_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
);
-- The cause was behind the name of the template. What is neither sent nor given up is due, whatever its job, which it had one of, said.
INSERT INTO "new_mail_messages" ("address", "address_hash", "attempts", "cause", "created_at", "due_at", "expires_at", "finished_at", "id", "last_error", "locale", "sealed_parameters", "smtp_reply_code", "state", "template", "unanswered", "user_id") SELECT "address", "address_hash", "attempts", substr("dedupe_key", length("template") + 2), "created_at", CASE WHEN "state" IN ('queued', 'sending') THEN "created_at" END, "expires_at", "finished_at", "id", "last_error", "locale", "sealed_parameters", "smtp_reply_code", "state", "template", "unanswered", "user_id" FROM "mail_messages";
DROP TABLE "mail_messages";
ALTER TABLE "new_mail_messages" RENAME TO "mail_messages";
DELETE FROM "jobs" WHERE "kind" = 'mail.send';
CREATE INDEX "mail_messages_user_id_id_idx" ON "mail_messages"("user_id", "id");
CREATE INDEX "mail_messages_due_at_idx" ON "mail_messages"("due_at");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;
