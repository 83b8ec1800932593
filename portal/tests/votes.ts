/** The consortium in a browser: two of three seats vote for a motion, and close it. */
import { expect, type Page } from '@playwright/test';

/** Carries the open motion of these words. `between`: what to do after the first vote. */
export async function carry(page: Page, motion: string, between?: () => Promise<void>): Promise<void> {
  const open = page.locator('li', { hasText: motion });
  await expect(open).toBeVisible();
  for (const [votes, seat] of ['Alice', 'Bob'].entries()) {
    await open.getByLabel('With which seat?').selectOption({ label: seat });
    await open.getByRole('button', { name: 'Vote for it' }).click();
    await expect(open.getByText(`For it (${votes + 1} of 2 that it needs)`)).toBeVisible();
    if (votes === 0) await between?.();
  }
  await open.getByRole('button', { name: 'Close it, and do what was agreed' }).click();
  await expect(open).toHaveCount(0);
}
