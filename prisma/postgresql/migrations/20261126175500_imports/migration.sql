-- CreateTable
CREATE TABLE "imports" (
    "id" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "files" TEXT NOT NULL,
    "records" INTEGER NOT NULL DEFAULT 0,
    "counts" JSONB NOT NULL,
    "locked_by" TEXT,
    "locked_until" TIMESTAMP(3),
    "started_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,
    "finished_at" TIMESTAMP(3),

    CONSTRAINT "imports_pkey" PRIMARY KEY ("id")
);
