import type { TestApp } from './app.ts';

/** Lets the whole service see another time. */
export async function at<T>({ app }: TestApp, time: Date, work: () => Promise<T>): Promise<T> {
  const { now } = app;
  Object.assign(app, { now: () => time });
  try {
    return await work();
  } finally {
    Object.assign(app, { now });
  }
}
