-- AlterTable
ALTER TABLE "one_time_codes" ADD COLUMN     "own_attempts" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "requested_by" TEXT,
ADD COLUMN     "requester" TEXT NOT NULL DEFAULT 'stranger',
ADD COLUMN     "used_from" TEXT;
