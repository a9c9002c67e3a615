/**
 * The page's own styles do not reach in; it may set these properties on the element: --sdelka-font, --sdelka-text,
 * --sdelka-background, --sdelka-border, --sdelka-radius, --sdelka-accent, --sdelka-on-accent, --sdelka-fault.
 * The line for a fault is always there, so that the button does not move away from under a finger.
 */
export const style = `
:host{--b:var(--sdelka-border,#71717a);--a:var(--sdelka-accent,#1d4ed8);--f:var(--sdelka-fault,#b91c1c);all:initial;display:block;max-width:30rem;font:var(--sdelka-font,16px/1.4 system-ui,sans-serif);color:var(--sdelka-text,#1a1a1a);background:var(--sdelka-background,#fff)}
:host([hidden]){display:none}
h2,p{margin:0 0 .5em}
label{display:block;font-weight:600}
input,select,textarea,button{font:inherit;color:inherit;box-sizing:border-box;width:100%;min-height:44px;padding:.5em;border:1px solid var(--b);border-radius:var(--sdelka-radius,8px);background:0 0}
:focus-visible{outline:3px solid var(--a);outline-offset:2px}
.fault{min-height:1.4em;padding-top:.2em;color:var(--f)}
[aria-invalid=true]{border-color:var(--f)}
.checkbox{display:grid;grid:auto/44px 1fr;align-items:center}
.checkbox input{min-height:1.5em}
.checkbox label{padding:.7em}
.checkbox p{grid-column:2}
button{width:auto;padding:0 1.5em;border:0;background:var(--a);color:var(--sdelka-on-accent,#fff)}
[aria-disabled]{opacity:.7}
.trap{position:absolute;left:-999em}`;
