/** Finishes the installation: this page is only shown once, when everything is in place. */

document.dispatchEvent(new CustomEvent("logbook:installed"));
