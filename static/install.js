/** Ends the installation, once: this page is only shown when everything is in place. */

document.dispatchEvent(new CustomEvent("logbook:installed"));
