/** Hands a file to the person: it is made in the page and goes nowhere else. */

/** Has the browser save a text under this name. */
export function save(name: string, text: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  // Browsers start the download after this.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
