/** A page of the portal over the page that asked for it.
 *  @type {(() => void) | null} */
let close = null;

export function isInSlider() {
  return document.body.classList.contains("in-slider");
}

/** @type {(address: string) => Promise<void>} */
export function openSlider(address) {
  const target = new URL(address, location.href);
  target.searchParams.set("IFRAME", "Y");
  target.searchParams.set("IFRAME_TYPE", "SIDE_SLIDER");
  const slider = document.createElement("div");
  slider.className = "slider";
  slider.innerHTML = '<div role="dialog" aria-label="Slider" aria-modal="true"><button type="button">Close</button><iframe title="Slider"></iframe></div>';
  slider.querySelector("iframe").src = target.href;
  document.body.append(slider);
  slider.querySelector("button").focus();
  return new Promise((resolve) => {
    close = () => {
      slider.remove();
      close = null;
      resolve();
    };
    slider.querySelector("button").addEventListener("click", () => close?.());
    slider.addEventListener("keydown", (event) => event.key === "Escape" && close?.());
  });
}

export function startMenus() {
  for (const link of document.querySelectorAll("[data-slider]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      link.closest("details")?.removeAttribute("open");
      openSlider(String(link.getAttribute("href")));
    });
  }
}

// From inside a slider its own page is asked, which belongs to the same portal.
export function closeSlider() {
  if (close) close();
  else if (isInSlider()) parent.postMessage("close-slider", location.origin);
}

window.addEventListener("message", (event) => {
  if (event.origin === location.origin && event.data === "close-slider") close?.();
});

/** Only pages that this portal has can be opened; "/a/b/../../c" is "/c".
 *  @type {(path: unknown) => Promise<string | null>} */
export async function pathOf(path) {
  const target = new URL(String(path), location.origin);
  if (target.origin !== location.origin) return null;
  const answer = await fetch(`/_box/has-page?path=${encodeURIComponent(target.pathname)}`);
  return (await answer.json()) ? target.pathname + target.search : null;
}
