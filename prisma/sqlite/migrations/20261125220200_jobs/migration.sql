-- CreateTable
CREATE TABLE "jobs" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "key" TEXT,
    "payload" JSONB NOT NULL,
    "run_at" DATETIME,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "locked_by" TEXT,
    "rerun" BOOLEAN NOT NULL DEFAULT false,
    "interval_seconds" INTEGER,
    "last_error" TEXT,
    "failed_at" DATETIME,
    "created_at" DATETIME NOT NULL
);

-- CreateIndex
CREATE UNIQUE INDEX "jobs_key_key" ON "jobs"("key");

-- CreateIndex
CREATE INDEX "jobs_kind_run_at_idx" ON "jobs"("kind", "run_at");
