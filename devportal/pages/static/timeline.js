// A live timeline: asks every second for entries newer than those it shows.
const PAUSE = 1000;
let last = Promise.resolve();

export function startTimeline() {
  const region = document.querySelector("[data-news]");
  if (!region) return;
  const again = async () => {
    if (!document.hidden) await refreshTimeline();
    setTimeout(again, PAUSE);
  };
  setTimeout(again, PAUSE);
}

// One request at a time: an answer in progress may not include the newest entry.
export function refreshTimeline() {
  last = last.then(ask);
  return last;
}

async function ask() {
  const region = document.querySelector("[data-news]");
  if (!region) return;
  const list = region.querySelector(".entries");
  const known = Math.max(0, ...[...list.querySelectorAll("[data-entry-id]")].map((row) => Number(row.dataset.entryId)));
  try {
    const answer = await fetch(`${region.dataset.news}?after=${known}`);
    if (!answer.ok) return;
    const news = document.createElement("ol");
    news.innerHTML = await answer.text();
    for (const row of news.children) row.classList.add("entry-new");
    list.prepend(...news.children);
  } catch {
    // The portal is being restarted; the next request will succeed.
  }
}
