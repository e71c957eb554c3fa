-- CreateTable
CREATE TABLE "imports" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "format" TEXT NOT NULL,
    "files" TEXT NOT NULL,
    "records" INTEGER NOT NULL DEFAULT 0,
    "counts" JSONB NOT NULL,
    "locked_by" TEXT,
    "locked_until" DATETIME,
    "started_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    "finished_at" DATETIME
);
