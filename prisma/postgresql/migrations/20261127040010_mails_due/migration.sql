-- DropIndex
DROP INDEX "mail_messages_dedupe_key_key";

-- AlterTable
ALTER TABLE "mail_messages" RENAME COLUMN "dedupe_key" TO "cause";
ALTER TABLE "mail_messages" ADD COLUMN     "due_at" TIMESTAMP(3),
ALTER COLUMN "address_hash" DROP NOT NULL;

-- It was behind the name of the template. What is neither sent nor given up is due, whatever its job, which it had one of, said.
UPDATE "mail_messages" SET "cause" = substr("cause", length("template") + 2),
  "due_at" = CASE WHEN "state" IN ('queued', 'sending') THEN "created_at" END;
DELETE FROM "jobs" WHERE "kind" = 'mail.send';

-- CreateIndex
CREATE INDEX "mail_messages_due_at_idx" ON "mail_messages"("due_at");
