/** Terminal codes: whoever hides the cursor shows it again, whatever happens. */
export const HIDE_CURSOR = '\u001b[?25l';
export const SHOW_CURSOR = '\u001b[?25h';
