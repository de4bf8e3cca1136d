// Puts what hanlogger sends in the place of what has changed, and says when nothing comes any more.
"use strict";
(() => {
  const live = document.getElementById("live");
  const lost = document.getElementById("lost");
  if (!live || !window.EventSource) return;

  // Let `old` become like `fresh`, touching only what differs, so that focus, selection and open tables stay.
  const amend = (old, fresh) => {
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    for (const { name, value } of [...fresh.attributes]) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !(old.nodeName === "DETAILS" && name === "open")) old.removeAttribute(name);
    }
    amendChildren(old, fresh);
  };
  const amendChildren = (old, fresh) => {
    const [here, there] = [[...old.childNodes], [...fresh.childNodes]];
    there.forEach((node, at) => (at < here.length ? amend(here[at], node) : old.append(node)));
    here.slice(there.length).forEach((node) => node.remove());
  };

  let source;
  let late;
  const show = (event) => {
    const part = live.querySelector(`[data-part="${event.type}"]`);
    const fresh = new DOMParser().parseFromString(event.data, "text/html").body;
    if (part) amendChildren(part, fresh);
    lost.hidden = true;
    clearTimeout(late);
    late = setTimeout(() => { lost.hidden = false; }, 30000);
  };
  const listen = () => {
    source = new EventSource(live.dataset.events);
    source.addEventListener("now", show);
    source.addEventListener("minute", show);
    source.addEventListener("error", () => {
      lost.hidden = false;
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
    });
  };
  // A page that nobody looks at takes no connection.
  const look = () => (document.hidden ? source && source.close() : listen());
  document.addEventListener("visibilitychange", look);
  look();
})();
